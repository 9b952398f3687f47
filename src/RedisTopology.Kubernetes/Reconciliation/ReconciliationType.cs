namespace RedisTopology.Kubernetes;

/// <summary>What happened to the entity that is to be reconciled.</summary>
public enum ReconciliationType
{
    /// <summary>It is new, or new to this process.</summary>
    Added,

    /// <summary>It changed.</summary>
    Modified,

    /// <summary>It is gone.</summary>
    Deleted,
}
