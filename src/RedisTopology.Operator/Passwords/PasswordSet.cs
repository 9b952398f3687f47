using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RedisTopology.Operator.Passwords;

/// <summary>
/// The passwords of a cluster, as its pods mount them and as the next operator finds them: the one in use, by which servers, probes and the operator know each other, and others that the servers
/// accept beside it while it is being changed. Never changed in place.
/// </summary>
/// <param name="Current">The password in use.</param>
/// <param name="Others">The others, the newest first.</param>
/// <param name="RotatedFor">The request to rotate (<see cref="Manifests.Labels.RotatePassword"/>) that was answered last; empty before the first.</param>
internal sealed record PasswordSet(string Current, ImmutableArray<OtherPassword> Others, string RotatedFor)
{
    /// <summary>Key, and file, of the password in use.</summary>
    public const string CurrentKey = "password";

    /// <summary>Key, and file, of the others: one a line, what it is, a space, the password. Absent when there are none.</summary>
    public const string OthersKey = "others";

    private const string Next = "next";
    private const string Made = "made";

    /// <summary>Everything a server is to accept.</summary>
    public IEnumerable<string> All => Others.Select(o => o.Password).Prepend(Current);

    /// <summary>The same as the servers tell it: SHA-256, 64 hexadecimal digits.</summary>
    public ImmutableHashSet<string> Hashes => [.. All.Select(p => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(p))))];

    /// <summary>The password of this kind, if there is one.</summary>
    /// <param name="kind">The kind.</param>
    public string? Of(PasswordKind kind) => Others.FirstOrDefault(o => o.Kind == kind)?.Password;

    /// <summary>Not the passwords.</summary>
    public override string ToString() => $"{CurrentKey} and {Others.Length} more";

    /// <summary>The data of the Secret.</summary>
    public Dictionary<string, byte[]> ToData()
    {
        var data = new Dictionary<string, byte[]> { [CurrentKey] = Encoding.UTF8.GetBytes(Current) };
        if (!Others.IsEmpty)
            data[OthersKey] = Encoding.UTF8.GetBytes(string.Concat(Others.Select(o => $"{Word(o)} {o.Password}\n")));
        return data;
    }

    /// <summary>Reads the data of the Secret.</summary>
    /// <param name="data">The data.</param>
    /// <param name="rotatedFor">The request that was answered last.</param>
    /// <returns>The passwords; null when it has none in use. A line that cannot be read is left out.</returns>
    public static PasswordSet? Read(IDictionary<string, byte[]>? data, string? rotatedFor)
    {
        if (PasswordRules.Read(data, CurrentKey).Password is not { } current)
            return null;
        var lines = data!.TryGetValue(OthersKey, out var bytes) ? Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
        return new PasswordSet(current, [.. lines.Select(Parse).OfType<OtherPassword>()], rotatedFor ?? "");
    }

    private static string Word(OtherPassword other) => other.Kind switch
    {
        PasswordKind.Next => Next,
        PasswordKind.Made => Made,
        _ => other.Since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
    };

    private static OtherPassword? Parse(string line) => line.Split(' ', 2) switch
    {
        [Next, var password] => new OtherPassword(password, PasswordKind.Next),
        [Made, var password] => new OtherPassword(password, PasswordKind.Made),
        [var since, var password] when long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < 100_000_000_000 =>
            new OtherPassword(password, PasswordKind.Former) { Since = DateTimeOffset.FromUnixTimeSeconds(seconds) },
        _ => null,
    };
}
