using System.Text;

namespace RedisTopology.Operator.Passwords;

/// <summary>What can be a password: whatever the servers, their configuration file, a shell and one line of a file can carry.</summary>
internal static class PasswordRules
{
    /// <summary>The longest password, characters.</summary>
    private const int Longest = 512;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a password. Line breaks at its end do not count: an editor put them there, and <c>$(cat)</c> would not see them.</summary>
    /// <param name="data">The data of a Secret.</param>
    /// <param name="key">The key.</param>
    /// <returns>The password; or null, and what is wrong as a predicate, with the remedy.</returns>
    public static (string? Password, string? Trouble) Read(IDictionary<string, byte[]>? data, string key)
    {
        if (data?.TryGetValue(key, out var bytes) != true || bytes is not { Length: > 0 })
            return (null, $"has no key \"{key}\", or nothing in it; add a password under that key");
        string password;
        try
        {
            password = Strict.GetString(bytes).TrimEnd('\n');
        }
        catch (DecoderFallbackException)
        {
            return (null, "has a password that is not text (UTF-8); give another, for example letters and digits");
        }

        if (password.Length == 0)
            return (null, "has an empty password; give one");
        if (password.Any(char.IsControl))
            return (null, "has a password with several lines or a control character; give one line without any");
        return password.Length > Longest ? (null, $"has a password of more than {Longest} characters; give a shorter one") : (password, null);
    }
}
