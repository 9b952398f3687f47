using System.Globalization;

namespace RedisTopology.Operator.Configuration;

/// <summary>Whether two ways of writing a value are one value: servers accept <c>64mb</c> and answer <c>67108864</c>.</summary>
internal static class SettingValue
{
    /// <summary>What <c>A</c> stands for among the flags of <c>notify-keyspace-events</c>.</summary>
    private const string AllEvents = "g$lshzxetd";

    private static readonly Dictionary<string, long> Units = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1,
        ["b"] = 1,
        ["k"] = 1000,
        ["kb"] = 1 << 10,
        ["m"] = 1000 * 1000,
        ["mb"] = 1 << 20,
        ["g"] = 1000 * 1000 * 1000,
        ["gb"] = 1 << 30,
    };

    /// <summary>Compares.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="wanted">The value wanted.</param>
    /// <param name="actual">What the server answers.</param>
    /// <returns>True when they are the same.</returns>
    public static bool Same(string name, string wanted, string actual) => name switch
    {
        "notify-keyspace-events" => Flags(wanted).SetEquals(Flags(actual)),
        // The answer has all classes of clients, the wish those that matter.
        "client-output-buffer-limit" => Words(wanted, 4).All(Words(actual, 4).ToHashSet().Contains),
        _ => Words(wanted, 1).SequenceEqual(Words(actual, 1)),
    };

    private static HashSet<char> Flags(string text) => [.. text.Replace("A", AllEvents, StringComparison.Ordinal)];

    private static List<string> Words(string text, int together) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Normal).Chunk(together).Select(c => string.Join(' ', c))];

    private static string Normal(string word)
    {
        var digits = word.TakeWhile(char.IsAsciiDigit).Count();
        if (digits > 0 && Units.TryGetValue(word[digits..], out var unit) && Int128.TryParse(word.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return (number * unit).ToString(CultureInfo.InvariantCulture);
        var lower = word.ToLowerInvariant();
        return lower == "slave" ? "replica" : lower;
    }
}
