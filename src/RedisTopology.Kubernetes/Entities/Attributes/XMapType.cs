namespace RedisTopology.Kubernetes;

/// <summary>Merge type of a map or object.</summary>
public enum XMapType
{
    /// <summary>Field by field.</summary>
    Granular,

    /// <summary>Replaced as a whole.</summary>
    Atomic,
}
