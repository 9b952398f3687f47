using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Redis;

/// <summary>Reads what a server says of itself: <c>CLUSTER NODES</c>, <c>INFO</c> and <c>CLUSTER INFO</c>, of Redis 7.0 and newer and of Valkey.</summary>
internal static class NodeParser
{
    private const string NoSelf = "CLUSTER NODES has no line about the server itself";

    /// <summary>What <c>INFO</c> says of the last write to disk of each kind, the gravest first.</summary>
    private static readonly string[] DiskFacts = ["aof_last_write_status", "rdb_last_bgsave_status", "aof_last_bgrewrite_status"];

    /// <summary>The configuration epoch of a master, its master's of a replica; 0 when the reply does not tell.</summary>
    /// <param name="clusterInfo">Reply of <c>CLUSTER INFO</c>.</param>
    public static long OwnEpoch(string clusterInfo) => Number(Facts(clusterInfo), "cluster_my_epoch");

    /// <summary>The slots a server owns in its own eyes.</summary>
    /// <param name="clusterNodes">Reply of <c>CLUSTER NODES</c>.</param>
    /// <exception cref="FormatException">The reply is not of the expected form.</exception>
    public static SlotSet OwnSlots(string clusterNodes) =>
        clusterNodes.Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(l => l.Contains("myself", StringComparison.Ordinal)) is { } line ? ParseLine(line).Slots : throw new FormatException(NoSelf);

    /// <summary>Reads the three replies.</summary>
    /// <param name="clusterNodes">Reply of <c>CLUSTER NODES</c>.</param>
    /// <param name="info">Reply of <c>INFO</c>.</param>
    /// <param name="clusterInfo">Reply of <c>CLUSTER INFO</c>.</param>
    /// <param name="names">The names of the cluster, to tell its pods by their hostnames.</param>
    /// <param name="namespace">The namespace of the cluster.</param>
    /// <param name="nodeTimeout">How long ago an answer of a peer may be for <see cref="PeerView.Heard"/>.</param>
    /// <returns>The node and the hostname it announces.</returns>
    /// <exception cref="FormatException">A reply is not of the expected form.</exception>
    public static (ObservedNode Node, string? Hostname) Parse(string clusterNodes, string info, string clusterInfo, ResourceNames names, string @namespace, TimeSpan nodeTimeout = default)
    {
        var facts = Facts(info);
        foreach (var (key, value) in Facts(clusterInfo))
            facts[key] = value;

        var heardSince = facts.ContainsKey("server_time_usec") ? (Number(facts, "server_time_usec") / 1000) - (long)nodeTimeout.TotalMilliseconds : long.MaxValue;
        Line? self = null;
        var peers = ImmutableArray.CreateBuilder<PeerView>();
        foreach (var text in clusterNodes.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var line = ParseLine(text);
            if (line.Flags.Contains("myself"))
                self = line;
            else
                peers.Add(ToPeer(line, names, @namespace) with { Heard = line.Pong > heardSince });
        }

        if (self is null)
            throw new FormatException(NoSelf);

        var role = self.Flags.Contains("slave") ? NodeRole.Replica : NodeRole.Master;
        var node = new ObservedNode
        {
            Id = self.Id,
            Role = role,
            MasterId = self.MasterId,
            MasterHost = role == NodeRole.Replica ? facts.GetValueOrDefault("master_host") : null,
            LinkUp = role == NodeRole.Master || facts.GetValueOrDefault("master_link_status") == "up",
            Slots = self.Slots,
            ConfigEpoch = self.Epoch,
            CurrentEpoch = Number(facts, "cluster_current_epoch"),
            ClusterOk = facts.GetValueOrDefault("cluster_state") == "ok",
            Loading = facts.GetValueOrDefault("loading") == "1",
            DiskTrouble = DiskFacts.Where(f => facts.GetValueOrDefault(f) == "err").Select(f => $"{f}:err").FirstOrDefault(),
            Offset = Number(facts, role == NodeRole.Replica ? "slave_repl_offset" : "master_repl_offset"),
            Keys = Keys(facts.GetValueOrDefault("db0")),
            UsedMemory = Number(facts, "used_memory"),
            MaxMemory = Number(facts, "maxmemory"),
            Version = Version.TryParse(facts.GetValueOrDefault("valkey_version") ?? facts.GetValueOrDefault("redis_version"), out var version) ? version : null,
            Migration = Migration(facts),
            OpenSlots = self.Open,
            Peers = peers.ToImmutable(),
        };
        return (node, self.Hostname);
    }

    /// <summary>
    /// What matters of a <c>CLUSTER NODES</c> reply to tell whether roles or slots changed; equal for equal topologies, whoever answers, but for the slots
    /// the one who answers holds to be on their way.
    /// </summary>
    /// <param name="clusterNodes">The reply.</param>
    /// <returns>The essence.</returns>
    public static string Digest(string clusterNodes) => string.Join('\n', clusterNodes
        .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(ParseLine)
        .Select(l => $"{l.Id} {(l.Flags.Contains("slave") ? l.MasterId : "master")} {l.Flags.Contains("fail")} {l.Address} {l.Slots} {string.Join(' ', l.Open)}")
        .Order(StringComparer.Ordinal));

    /// <summary>How often a server has refused a password since it was started.</summary>
    /// <param name="errorstats">The reply to <c>INFO errorstats</c>.</param>
    /// <returns>The count.</returns>
    public static long RefusedPasswords(string errorstats) =>
        Facts(errorstats).TryGetValue("errorstat_WRONGPASS", out var count) && long.TryParse(count.AsSpan(count.IndexOf('=') + 1), CultureInfo.InvariantCulture, out var refused) ? refused : 0;

    private static PeerView ToPeer(Line line, ResourceNames names, string @namespace) => new(
        line.Id,
        line.Address,
        names.PodOf(line.Hostname, @namespace),
        line.Flags.Contains("slave") ? NodeRole.Replica : NodeRole.Master,
        line.MasterId,
        line.Slots,
        Health(line.Flags),
        line.Connected,
        line.Epoch);

    private static PeerHealth Health(string[] flags) =>
        flags.Contains("handshake") ? PeerHealth.Handshake
        : flags.Contains("fail") ? PeerHealth.Failed
        : flags.Contains("noaddr") ? PeerHealth.NoAddress
        : flags.Contains("fail?") ? PeerHealth.Suspect
        : PeerHealth.Ok;

    private static Line ParseLine(string text)
    {
        var fields = text.Split(' ');
        if (fields.Length < 8 || !long.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out var epoch))
            throw new FormatException($"not a line of CLUSTER NODES: \"{text}\"");

        _ = long.TryParse(fields[5], NumberStyles.None, CultureInfo.InvariantCulture, out var pong);

        // address:port@bus[,hostname[,name=value...]]
        var endpoint = fields[1].Split(',');
        var colon = endpoint[0].LastIndexOf(':');
        var address = colon > 0 ? endpoint[0][..colon] : null;
        var hostname = endpoint.Length > 1 && endpoint[1].Length > 0 && !endpoint[1].Contains('=', StringComparison.Ordinal) ? endpoint[1] : null;
        var slots = fields.Skip(8).Where(f => !f.StartsWith('[')).Select(ParseRange);
        var open = fields.Skip(8).Where(f => f.StartsWith('[')).Select(ParseOpenSlot).ToImmutableArray();
        return new Line(fields[0], address, hostname, fields[2].Split(','), fields[3] == "-" ? null : fields[3], pong, epoch, fields[7] == "connected", SlotSet.Of(slots), open);
    }

    /// <summary><c>[93->-id]</c> at the source, <c>[93-&lt;-id]</c> at the target.</summary>
    private static OpenSlot ParseOpenSlot(string text)
    {
        var mark = text.IndexOf("-<-", StringComparison.Ordinal);
        var importing = mark > 0;
        if (!importing)
            mark = text.IndexOf("->-", StringComparison.Ordinal);
        return mark > 0 && text.EndsWith(']') && text.Length > mark + 4
            && int.TryParse(text.AsSpan(1, mark - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var slot) && slot < HashSlot.Count
                ? new OpenSlot(slot, importing, text[(mark + 3)..^1])
                : throw new FormatException($"not an open slot: \"{text}\"");
    }

    private static SlotMigration Migration(Dictionary<string, string> facts) =>
        facts.TryGetValue("valkey_version", out var valkey) ? IsAtLeast(valkey, 9, 0) ? SlotMigration.FromSource : SlotMigration.Keys
        : IsAtLeast(facts.GetValueOrDefault("redis_version"), 8, 4) ? SlotMigration.ToTarget
        : SlotMigration.Keys;

    private static bool IsAtLeast(string? version, int major, int minor) =>
        Version.TryParse(version, out var parsed) && parsed >= new Version(major, minor);

    private static SlotRange ParseRange(string text) =>
        SlotRange.TryParse(text, out var range, out var error) ? range : throw new FormatException(error);

    private static Dictionary<string, string> Facts(string info)
    {
        var facts = new Dictionary<string, string>();
        foreach (var line in info.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                facts[line[..colon]] = line[(colon + 1)..];
        }

        return facts;
    }

    private static long Number(Dictionary<string, string> facts, string key) =>
        facts.TryGetValue(key, out var text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static long Keys(string? database)
    {
        // keys=12,expires=0,avg_ttl=0
        var first = database?.Split(',')[0];
        return first?.StartsWith("keys=", StringComparison.Ordinal) == true && long.TryParse(first.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var keys) ? keys : 0;
    }

    private sealed record Line(string Id, string? Address, string? Hostname, string[] Flags, string? MasterId, long Pong, long Epoch, bool Connected, SlotSet Slots, ImmutableArray<OpenSlot> Open);
}
