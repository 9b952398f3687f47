using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace RedisTopology.Sidecar.Topology;

/// <summary>What the control side counts; its gauges are in <see cref="TopologyReport"/>, which is made when it is asked for.</summary>
/// <remarks>
/// As Prometheus names, with where each comes from:
/// <list type="bullet">
/// <item><c>redis_topology_sidecar_topology_refreshes_total{reason,outcome}</c>: <see cref="Refreshes"/>.</item>
/// <item><c>redis_topology_sidecar_topology_map_age_seconds</c>: <see cref="TopologyReport.MapAgeSeconds"/>.</item>
/// <item><c>redis_topology_sidecar_topology_confirmed_age_seconds</c>: <see cref="TopologyReport.ConfirmedAgoSeconds"/>; alarm on this one.</item>
/// <item><c>redis_topology_sidecar_topology_epoch</c>: <see cref="TopologyReport.Epoch"/>.</item>
/// <item><c>redis_topology_sidecar_topology_unserved_slots</c>: <see cref="TopologyReport.UnservedSlots"/>.</item>
/// <item><c>redis_topology_sidecar_topology_slots_read_from_masters</c>: <see cref="TopologyReport.SlotsReadFromMasters"/>.</item>
/// <item><c>redis_topology_sidecar_nodes{role,answers}</c>: a count over <see cref="TopologyReport.Shards"/>.</item>
/// <item><c>redis_topology_sidecar_replica_lag_seconds{shard,node}</c>: <see cref="NodeReport.LagMilliseconds"/> / 1000 of the replicas; absent when not known.</item>
/// <item><c>redis_topology_sidecar_replica_in_sync{shard,node}</c>: <see cref="NodeReport.InSync"/> as 0 or 1.</item>
/// </list>
/// </remarks>
public sealed class TopologyMetrics
{
    private readonly ConcurrentDictionary<(string Reason, RefreshOutcome Outcome), StrongBox<long>> _refreshes = new();

    /// <summary>How often the topology was looked at, by why and with what outcome. Reasons are a small fixed set of texts.</summary>
    public IEnumerable<(string Reason, RefreshOutcome Outcome, long Count)> Refreshes =>
        _refreshes.Select(r => (r.Key.Reason, r.Key.Outcome, Volatile.Read(ref r.Value.Value)));

    /// <summary>Counts one look.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="outcome">What it led to.</param>
    internal void Count(string reason, RefreshOutcome outcome) =>
        Interlocked.Increment(ref _refreshes.GetOrAdd((reason, outcome), _ => new StrongBox<long>()).Value);
}
