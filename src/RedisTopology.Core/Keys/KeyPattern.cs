using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace RedisTopology.Core.Keys;

/// <summary>
/// A form of keys that carry a numeric id: literal text with one <c>{id}</c>, for example <c>user:{id}</c> or <c>user:{id}:cart</c>. A <c>*</c> at the
/// end stands for any rest: <c>user:{id}:*</c>.
/// </summary>
/// <remarks>
/// The id is all the decimal digits at its place, at most <see cref="MaxDigits"/> of them. Leading zeros count as digits and not as value: <c>user:0042</c> has
/// id 42, and stays another key than <c>user:42</c>. A key whose id is missing, negative, or longer does not match.
/// </remarks>
public sealed partial class KeyPattern
{
    /// <summary>The most digits of an id: the ids 0 to 10^18 - 1 fit a signed 64-bit number with room for sums.</summary>
    public const int MaxDigits = 18;

    /// <summary>The greatest id.</summary>
    public const long MaxId = 999_999_999_999_999_999;

    /// <summary>The longest pattern, characters.</summary>
    public const int MaxLength = 128;

    private const string Placeholder = "{id}";

    private readonly byte[] _before;
    private readonly byte[] _after;
    private readonly bool _open;

    private KeyPattern(string text, string before, string after)
    {
        Text = text;
        _open = after.EndsWith('*');
        _before = Encoding.UTF8.GetBytes(before);
        _after = Encoding.UTF8.GetBytes(_open ? after[..^1] : after);
    }

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="pattern">The compiled pattern, when the text is one.</param>
    /// <param name="error">What is wrong and what would be right, when it is not.</param>
    /// <returns>Whether the text is a pattern.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KeyPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        pattern = null;
        text ??= "";
        var parts = text.Split(Placeholder);
        if (text.Length > MaxLength)
            error = $"\"{text[..MaxLength]}...\" is longer than {MaxLength} characters";
        else if (parts.Length != 2)
            error = $"\"{text}\" has not exactly one {Placeholder}; write it where the number stands, for example \"user:{Placeholder}\"";
        else if (text.Any(char.IsControl))
            error = $"\"{Printable(text)}\" has a control character; write the text of the keys as it is";
        else if (parts.Any(p => OtherPlaceholder().IsMatch(p)) || LikePrefix().IsMatch(text))
            error = $"\"{text}\" has braces that are not {Placeholder}; keys that begin with a hash tag of their own cannot be sharded by id";
        else if (text[..^1].Contains('*', StringComparison.Ordinal) || parts[0].Contains('*', StringComparison.Ordinal))
            error = $"\"{text}\" has a * that is not its last character; only there it stands for any rest of the key";
        else if (parts[1].Length > 0 && char.IsAsciiDigit(parts[1][0]))
            error = $"\"{text}\" has a digit right after {Placeholder}, which would be taken for a part of the id; put another character between them";
        else
        {
            pattern = new KeyPattern(text, parts[0], parts[1]);
            error = null;
        }

        return pattern is not null;
    }

    /// <summary>Whether a key has this form. Allocates nothing.</summary>
    /// <param name="key">The key as the application writes it.</param>
    /// <param name="id">Its id, 0..<see cref="MaxId"/>; 0 when it does not match.</param>
    /// <returns>True when it has.</returns>
    public bool TryMatch(ReadOnlySpan<byte> key, out long id)
    {
        id = 0;
        if (!key.StartsWith(_before))
            return false;
        var value = 0L;
        var digits = 0;
        key = key[_before.Length..];
        foreach (var b in key)
        {
            var digit = (uint)b - '0';
            if (digit > 9)
                break;
            if (++digits > MaxDigits)
                return false;
            value = (value * 10) + digit;
        }

        if (digits == 0)
            return false;
        var rest = key[digits..];
        if (!(_open ? rest.StartsWith(_after) : rest.SequenceEqual(_after)))
            return false;
        id = value;
        return true;
    }

    /// <summary>The pattern as it was written.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Text;

    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));

    /// <summary>What a person may take for a second placeholder, and what a server takes for a hash tag of one word.</summary>
    [GeneratedRegex("[{][A-Za-z0-9_]+[}]")]
    private static partial Regex OtherPlaceholder();

    /// <summary>No key that carries a prefix may match a pattern, or it would be given a second one.</summary>
    [GeneratedRegex("^[{][A-Za-z0-9]{0,2}[{]id[}]")]
    private static partial Regex LikePrefix();
}
