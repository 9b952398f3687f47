using System.Globalization;
using System.Text.RegularExpressions;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Validation;

/// <summary>Durations as a spec writes them: a number and its unit, for example <c>500ms</c>, <c>5s</c>, <c>10m</c> or <c>1.5h</c>.</summary>
internal static partial class Durations
{
    /// <summary>Reads a duration.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The duration; null when it is none.</returns>
    public static TimeSpan? Read(string text)
    {
        if (!SpecValidator.Matches(DurationRegex(), text))
            return null;
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var unit = text[digits..] switch { "ms" => 1d, "s" => 1000, "m" => 60_000, _ => 3_600_000 };
        return TimeSpan.FromMilliseconds(double.Parse(text.AsSpan(0, digits), CultureInfo.InvariantCulture) * unit);
    }

    [GeneratedRegex(Rules.DurationPattern)]
    private static partial Regex DurationRegex();
}
