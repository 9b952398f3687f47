namespace RedisTopology.Operator.Volumes;

/// <summary>What is to be done with a claim.</summary>
internal enum ClaimWork
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Its size or its owner is to be put right.</summary>
    Apply,

    /// <summary>Its pod is gone for good, and it goes too.</summary>
    Delete,
}
