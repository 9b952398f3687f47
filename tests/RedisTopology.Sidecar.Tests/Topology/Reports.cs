using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Tests.Topology;

/// <summary>Reports of the topology for what shows them.</summary>
internal static class Reports
{
    /// <summary>A shard with a replica in sync, and one that has lost its master and whose replica does not answer.</summary>
    public static TopologyReport Typical { get; } = new()
    {
        Known = true,
        ClusterOk = true,
        Epoch = 12,
        MapAgeSeconds = 60.5,
        ConfirmedAgoSeconds = 0.5,
        LastRefreshReason = "timer",
        LastRefreshOutcome = RefreshOutcome.Unchanged,
        LastRefreshTroubles = new Dictionary<string, string>(),
        UnservedSlots = 7,
        SlotsReadFromMasters = 3,
        Shards =
        [
            new(0, ["0-16376"], new("a:1", "10.0.0.1:1", "f00", null, true, null, null, 50, null, null), [new("b:1", "10.0.0.2:1", "f01", null, true, null, null, 40, true, 250)]),
            new(1, ["16377-16383"], null, [new("c:1", "10.0.0.3:1", null, null, false, "connection refused", null, null, false, null)]),
        ],
    };
}
