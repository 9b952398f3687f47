using System.Globalization;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>The metrics of the topology.</summary>
internal static class TopologyFamilies
{
    public static IReadOnlyList<MetricFamily> All { get; } =
    [
        new("topology_refreshes_total", "counter", "How often the topology was looked at, by why and with what outcome.", Refreshes) { Labels = "reason, outcome" },
        new("topology_map_age_seconds", "gauge", "How long the map of slots has been as it is; absent before the first.", (s, w) => Known(w, s.Topology.MapAgeSeconds)),
        new("topology_confirmed_age_seconds", "gauge", "How long ago a server confirmed or changed the map; absent before the first. What to alarm on.", (s, w) => Known(w, s.Topology.ConfirmedAgoSeconds)),
        new("topology_epoch", "gauge", "The newest configuration epoch of the map.", (s, w) => w.Sample(s.Topology.Epoch)),
        new("topology_unserved_slots", "gauge", "Slots without a master, of 16,384.", (s, w) => w.Sample(s.Topology.UnservedSlots)),
        new("topology_slots_read_from_masters", "gauge", "Slots that are read from their masters alone, whatever readFrom says: their keys are on their way to another shard, or have just come.", (s, w) => w.Sample(s.Topology.SlotsReadFromMasters)),
        new("shard_info", "gauge", "1 for each shard: its number, as in other metrics, and its master; an empty text when it has none.", Shards) { Labels = "shard, master" },
        new("nodes", "gauge", "Servers of the cluster, by role and by whether their last answer came in time.", Nodes) { Labels = "role, answers" },
        new("replica_in_sync", "gauge", "1 for a replica that may be read from, 0 for another.", InSync) { Labels = "shard, node" },
        new("replica_lag_seconds", "gauge", "How far behind a replica is at most; absent when not known.", Lag) { Labels = "shard, node" },
    ];

    private static void Known(MetricWriter writer, double? value)
    {
        if (value is { } known)
            writer.Sample(known);
    }

    private static void Refreshes(MetricSources sources, MetricWriter writer)
    {
        foreach (var (reason, outcome, count) in sources.Looks.Refreshes.OrderBy(r => r.Reason, StringComparer.Ordinal).ThenBy(r => r.Outcome))
            writer.Sample(count, ("reason", reason), ("outcome", outcome.ToString().ToLowerInvariant()));
    }

    private static void Shards(MetricSources sources, MetricWriter writer)
    {
        foreach (var shard in sources.Topology.Shards)
            writer.Sample(1, ("shard", Number(shard)), ("master", shard.Master?.Node ?? ""));
    }

    private static void Nodes(MetricSources sources, MetricWriter writer)
    {
        var masters = sources.Topology.Shards.Select(s => s.Master).OfType<NodeReport>().ToList();
        var replicas = sources.Topology.Shards.SelectMany(s => s.Replicas).ToList();
        foreach (var (role, nodes) in new[] { ("master", masters), ("replica", replicas) })
        {
            writer.Sample(nodes.Count(n => n.Answers), ("role", role), ("answers", "yes"));
            writer.Sample(nodes.Count(n => !n.Answers), ("role", role), ("answers", "no"));
        }
    }

    private static void InSync(MetricSources sources, MetricWriter writer)
    {
        foreach (var (shard, replica) in Replicas(sources))
            writer.Sample(replica.InSync == true ? 1 : 0, ("shard", shard), ("node", replica.Node));
    }

    private static void Lag(MetricSources sources, MetricWriter writer)
    {
        foreach (var (shard, replica) in Replicas(sources))
        {
            if (replica.LagMilliseconds is { } lag)
                writer.Sample(lag / 1000.0, ("shard", shard), ("node", replica.Node));
        }
    }

    private static IEnumerable<(string Shard, NodeReport Replica)> Replicas(MetricSources sources) =>
        sources.Topology.Shards.SelectMany(s => s.Replicas, (s, r) => (Number(s), r));

    private static string Number(ShardReport shard) => shard.Shard.ToString(CultureInfo.InvariantCulture);
}
