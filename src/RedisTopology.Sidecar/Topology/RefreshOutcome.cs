namespace RedisTopology.Sidecar.Topology;

/// <summary>What a look at the topology led to.</summary>
public enum RefreshOutcome
{
    /// <summary>Servers answered, and the map stays.</summary>
    Unchanged,

    /// <summary>The map was replaced.</summary>
    Changed,

    /// <summary>No server said anything; the map stays.</summary>
    Failed,
}
