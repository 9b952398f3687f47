namespace RedisTopology.Kubernetes;

/// <summary>Where objects of a kind live.</summary>
public enum EntityScope
{
    /// <summary>In a namespace.</summary>
    Namespaced,

    /// <summary>Outside of namespaces.</summary>
    Cluster,
}
