namespace RedisTopology.Core.Planning;

/// <summary>What a plan is waiting for; the names appear as condition reasons.</summary>
public enum WaitReason
{
    /// <summary>A pod is missing, not running, or its server does not answer or cannot prove who it is.</summary>
    PodNotReady,

    /// <summary>A pod that is no longer wanted is still there.</summary>
    PodLeaving,

    /// <summary>Nodes were introduced and gossip has not spread the news yet.</summary>
    GossipSpreading,

    /// <summary>A replica is receiving its copy.</summary>
    ReplicaSyncing,

    /// <summary>The masters are electing a successor.</summary>
    GossipElecting,

    /// <summary>A master with slots is silent and not confirmed down: promoting its replica now could make two masters.</summary>
    MasterUnconfirmed,

    /// <summary>The only copies of some slots are in pods that may come back.</summary>
    CopyAway,

    /// <summary>A master must hand over before its pod can be removed, and no replica that stays is in sync.</summary>
    NoSuccessor,

    /// <summary>A master without slots holds keys and so cannot become a replica.</summary>
    UnexpectedKeys,

    /// <summary>Redis itself says the cluster is not ok.</summary>
    ClusterNotOk,

    /// <summary>Slots are on their way to the shard that is to own them.</summary>
    SlotsMoving,

    /// <summary>A slot cannot be moved because of what is in it.</summary>
    SlotBlocked,

    /// <summary>The shard that is to receive slots has no memory for them.</summary>
    TargetFull,

    /// <summary>A shard that is no longer wanted still holds slots or keys.</summary>
    ShardLeaving,

    /// <summary>Pods are being replaced, one at a time in a shard.</summary>
    Rolling,

    /// <summary>Pods are being resized in place.</summary>
    Resizing,

    /// <summary>The dataset is larger than the memory the spec leaves it, and nothing may be evicted.</summary>
    DatasetTooLarge,
}
