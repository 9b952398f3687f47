namespace RedisTopology.Core.Topology;

/// <summary>Who decides which slots a shard owns.</summary>
public enum SlotPlacement
{
    /// <summary>The spec names the ranges of every shard.</summary>
    Explicit,

    /// <summary>
    /// The spec gives the number of shards: each owns as many slots as the others, give or take one, and which ones follows from where they stand
    /// now, so that a change moves as few as possible. <see cref="DesiredShard.Slots"/> is where they go while the cluster is being formed.
    /// </summary>
    Balanced,
}
