namespace RedisTopology.Kubernetes;

/// <summary>Merge type of a list.</summary>
public enum XListType
{
    /// <summary>Replaced as a whole.</summary>
    Atomic,

    /// <summary>A set of scalars.</summary>
    Set,

    /// <summary>Elements identified by key fields.</summary>
    Map,
}
