using System.Globalization;
using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Servers;

/// <summary>Reads the answers to <see cref="Questions"/>. Total: whatever is not there, or not understood, is left at its default.</summary>
internal static class ServerReportParser
{
    /// <summary>
    /// What is asked of each server, in one shell of its own pod: the password is read where it is mounted, and appears in no argument. The same clients
    /// and paths as the probes' own scripts.
    /// </summary>
    public const string Questions = PodShell.RedisCli + """

        timeout 3 "$cli" $tls cluster nodes && timeout 3 "$cli" $tls cluster info && timeout 3 "$cli" $tls info
        """;

    /// <summary>Reads what a server answered.</summary>
    /// <param name="text">The answers, one after another.</param>
    /// <returns>The report; null when the server did not answer (what it says then is its complaint).</returns>
    public static ServerReport? Parse(string text)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        string[]? self = null;
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#')
                continue;
            var words = line.Split(' ');
            if (words.Length >= 8 && words[2].Contains("myself", StringComparison.Ordinal))
                self = words;
            else if (line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && words.Length < 8)
                facts[line[..colon]] = line[(colon + 1)..];
        }

        if (self is null || !facts.ContainsKey("used_memory"))
            return null;
        var role = self[2].Contains("master", StringComparison.Ordinal) ? NodeRole.Master : NodeRole.Replica;
        return new ServerReport
        {
            Id = self[0],
            Role = role,
            MasterId = role == NodeRole.Replica && self[3] != "-" ? self[3] : null,
            Slots = SlotSet.Of(self.Skip(8).Where(w => !w.StartsWith('[')).Select(Range).OfType<SlotRange>()),
            OpenSlots = self.Skip(8).Count(w => w.StartsWith('[')),
            LinkUp = role == NodeRole.Master || facts.GetValueOrDefault("master_link_status") == "up",
            Offset = role == NodeRole.Master ? Number(facts, "master_repl_offset") : Number(facts, "slave_repl_offset"),
            UsedMemory = Number(facts, "used_memory"),
            MaxMemory = Number(facts, "maxmemory"),
            Keys = Keys(facts.GetValueOrDefault("db0")),
            OpsPerSecond = Number(facts, "instantaneous_ops_per_sec"),
            Commands = Number(facts, "total_commands_processed"),
            Hits = Number(facts, "keyspace_hits"),
            Misses = Number(facts, "keyspace_misses"),
            Evicted = Number(facts, "evicted_keys"),
            Clients = Number(facts, "connected_clients"),
            InputKiB = Fraction(facts, "instantaneous_input_kbps"),
            OutputKiB = Fraction(facts, "instantaneous_output_kbps"),
            Version = facts.GetValueOrDefault("valkey_version") ?? facts.GetValueOrDefault("redis_version") ?? "",
            Uptime = Number(facts, "uptime_in_seconds"),
            ClusterOk = facts.GetValueOrDefault("cluster_state") == "ok",
            Loading = facts.GetValueOrDefault("loading") == "1",
        };
    }

    private static SlotRange? Range(string word) => SlotRange.TryParse(word, out var range, out _) ? range : null;

    private static long Number(Dictionary<string, string> facts, string name) =>
        long.TryParse(facts.GetValueOrDefault(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static double Fraction(Dictionary<string, string> facts, string name) =>
        double.TryParse(facts.GetValueOrDefault(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 0;

    /// <summary><c>keys=3,expires=0,avg_ttl=0</c>.</summary>
    private static long Keys(string? database) =>
        database?.Split(',').FirstOrDefault(p => p.StartsWith("keys=", StringComparison.Ordinal)) is { } part
        && long.TryParse(part.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var keys) ? keys : 0;
}
