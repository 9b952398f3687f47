namespace RedisTopology.Kubernetes;

/// <summary>A permission on resources given by name, or on URLs of the API server.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericRbacAttribute : RbacAttribute
{
    /// <summary>API groups; empty text for the core group.</summary>
    public string[] Groups { get; init; } = [];

    /// <summary>Plurals, with a subresource where meant: <c>pods/exec</c>.</summary>
    public string[] Resources { get; init; } = [];

    /// <summary>Names the permission is limited to; none for all. KubeOps has no counterpart.</summary>
    public string[] ResourceNames { get; init; } = [];

    /// <summary>URLs such as <c>/version</c>; such rules exist in ClusterRoles only.</summary>
    public string[] Urls { get; init; } = [];

    /// <summary>What may be done. Nothing by default.</summary>
    public RbacVerb Verbs { get; init; }
}
