namespace RedisTopology.Core.Topology;

/// <summary>What a Redis node takes itself, or is taken by a peer, to be.</summary>
public enum NodeRole
{
    /// <summary>A master, with or without slots.</summary>
    Master,

    /// <summary>A replica of some master.</summary>
    Replica,
}
