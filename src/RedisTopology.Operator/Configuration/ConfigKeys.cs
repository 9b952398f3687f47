using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Reflection;

namespace RedisTopology.Operator.Configuration;

/// <summary>
/// Every setting of redis.conf and what becomes of it: the one table, read from <c>config-keys.txt</c>, behind validation, redis.conf, drift and the page in the
/// documentation. Its classes are verified against a real server by the tests.
/// </summary>
internal static class ConfigKeys
{
    private static readonly FrozenDictionary<string, ConfigKey> Table = Read().ToFrozenDictionary(k => k.Name);

    /// <summary>All of them, by name.</summary>
    public static ImmutableArray<ConfigKey> All { get; } = [.. Table.Values.OrderBy(k => k.Name, StringComparer.Ordinal)];

    /// <summary>A setting, or null when no engine has it.</summary>
    /// <param name="name">Its name; servers read them in any case, the table has them in lower case.</param>
    /// <returns>The setting.</returns>
    public static ConfigKey? Find(string name) => Table.GetValueOrDefault(name);

    /// <summary>The name nearest to one that is not known.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The nearest; null when none is near enough to be meant.</returns>
    public static string? Nearest(string name)
    {
        // Longer than any name there is, and not worth the work.
        if (name.Length > 64)
            return null;
        var lower = name.ToLowerInvariant().Replace('_', '-');
        var (best, distance) = All.Where(k => k.Class != ConfigClass.Alias).Select(k => (k.Name, Distance: Distance(lower, k.Name))).MinBy(k => k.Distance);
        return distance <= Math.Max(2, name.Length / 4) ? best : null;
    }

    private static IEnumerable<ConfigKey> Read()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("config-keys.txt")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var fields = line.Split('|', StringSplitOptions.TrimEntries);
            yield return new ConfigKey(
                fields[0],
                Enum.Parse<ConfigClass>(fields[1]),
                fields[2] == "-" ? null : Version.Parse(fields[2]),
                fields[3] == "-" ? null : Version.Parse(fields[3]),
                fields[4] == "?" ? null : fields[4],
                fields[5]);
        }
    }

    /// <summary>Levenshtein: how many letters to put in, take out or replace.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
