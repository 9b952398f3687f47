namespace RedisTopology.Kubernetes;

/// <summary>Short names of the kind for kubectl, such as <c>cc</c>.</summary>
/// <param name="shortNames">The names.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KubernetesEntityShortNamesAttribute(params string[] shortNames) : Attribute
{
    /// <summary>The names.</summary>
    public IReadOnlyList<string> ShortNames => shortNames;
}
