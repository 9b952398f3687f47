using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RedisTopology.Core.Keys;

/// <summary>An inclusive range of ids, or an open one: all ids from its first.</summary>
/// <param name="First">The first id.</param>
/// <param name="Last">The last id, included; null when the range is open.</param>
public readonly record struct IdRange(long First, long? Last)
{
    /// <summary>Reads <c>"first-last"</c>, or <c>"first-"</c> for an open range.</summary>
    /// <param name="text">The text; decimal digits only, at most <see cref="KeyPattern.MaxDigits"/> of them.</param>
    /// <param name="range">The range, when the text is one.</param>
    /// <param name="error">What is wrong and what would be right, when it is not.</param>
    /// <returns>Whether the text is a range.</returns>
    public static bool TryParse(string? text, out IdRange range, [NotNullWhen(false)] out string? error)
    {
        range = default;
        error = null;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        var lastText = dash < 0 ? "" : text![(dash + 1)..];
        var last = 0L;
        if (dash < 0 || !TryParseId(text![..dash], out var first) || (lastText.Length > 0 && !TryParseId(lastText, out last)))
            error = $"\"{text}\" is not an id range: write \"first-last\", or \"first-\" for the last one, with decimal ids of at most {KeyPattern.MaxDigits} digits, for example \"1-1000\"";
        else if (lastText.Length > 0 && first > last)
            error = $"\"{text}\" is backwards: the first id must not be above the last";
        else
            range = new IdRange(first, lastText.Length > 0 ? last : null);
        return error is null;
    }

    /// <summary>The range as it is written in a spec: <c>first-last</c>, or <c>first-</c> when it is open.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");

    private static bool TryParseId(string text, out long id)
    {
        id = 0;
        return text.Length <= KeyPattern.MaxDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }
}
