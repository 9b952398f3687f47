namespace RedisTopology.Sidecar.Configuration;

/// <summary>What somebody may have meant.</summary>
internal static class Nearest
{
    /// <summary>The end of a sentence that suggests a name.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="names">What could have been.</param>
    /// <returns>"; did you mean X?" when one is near enough, else nothing.</returns>
    public static string Hint(string text, IEnumerable<string> names)
    {
        var (name, distance) = names.Select(n => (n, Distance(Plain(text), Plain(n)))).OrderBy(n => n.Item2).FirstOrDefault();
        return name is not null && distance <= Math.Max(2, name.Length / 3) ? $"; did you mean {name}?" : "";
    }

    private static string Plain(string text) => text.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    // Levenshtein's, by rows.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[b.Length];
    }
}
