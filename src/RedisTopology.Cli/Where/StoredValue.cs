using RedisTopology.Cli.Servers;

namespace RedisTopology.Cli.Where;

/// <summary>What is known of a key on its master. Its value is never read.</summary>
/// <param name="Exists">Whether it is there.</param>
/// <param name="Type">Its type; null when it is not there.</param>
/// <param name="ExpiresInSeconds">Its remaining lifetime; null when it has none.</param>
/// <param name="MemoryBytes">What it takes, by the server's own estimate; null when the server did not say.</param>
internal sealed record StoredValue(bool Exists, string? Type, double? ExpiresInSeconds, long? MemoryBytes)
{
    /// <summary>Asked in the pod of the master, with the key as <c>$1</c>; <c>-c</c>: a slot that is on its way has its keys in two places.</summary>
    public const string Question = PodShell.RedisCli + """

        timeout 3 "$cli" $tls -c type "$1" && timeout 3 "$cli" $tls -c pttl "$1" && timeout 3 "$cli" $tls -c memory usage "$1"
        """;

    /// <summary>Reads the three lines of the answer.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>What it says; null when it is no such answer.</returns>
    public static StoredValue? Parse(string text)
    {
        var lines = text.Split('\n').Select(l => l.Trim()).ToArray();
        if (lines.Length < 2 || !long.TryParse(lines[1], System.Globalization.CultureInfo.InvariantCulture, out var lifetime))
            return null;
        if (lines[0] == "none")
            return new StoredValue(false, null, null, null);
        return new StoredValue(true, lines[0], lifetime >= 0 ? lifetime / 1000.0 : null, lines.Length > 2 && long.TryParse(lines[2], System.Globalization.CultureInfo.InvariantCulture, out var bytes) ? bytes : null);
    }
}
