namespace RedisTopology.Bench.Sidecar;

/// <summary>Which commands a load sends.</summary>
internal enum LoadKind
{
    /// <summary>GET.</summary>
    Get,

    /// <summary>SET.</summary>
    Set,

    /// <summary>MGET of ten keys, all over the cluster.</summary>
    Mget,

    /// <summary>Four GET to one SET, each by a process of its own.</summary>
    Mixed,
}
