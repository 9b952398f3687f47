namespace RedisTopology.Kubernetes;

/// <summary>Names and scope of generated roles.</summary>
public sealed record RbacOptions
{
    /// <summary>The operator's name: of the roles, their bindings, and the lease.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace the operator runs in, which also holds the lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>The service account it runs as.</summary>
    public required string ServiceAccount { get; init; }

    /// <summary>Namespaces it is confined to: a Role in each. Empty (the default) for a ClusterRole.</summary>
    public IReadOnlyList<string> WatchNamespaces { get; init; } = [];
}
