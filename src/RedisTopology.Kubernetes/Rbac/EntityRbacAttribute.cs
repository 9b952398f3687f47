namespace RedisTopology.Kubernetes;

/// <summary>A permission on kinds given by their types.</summary>
/// <param name="entities">Types with <c>[KubernetesEntity]</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class EntityRbacAttribute(params Type[] entities) : RbacAttribute
{
    /// <summary>The types.</summary>
    public IReadOnlyList<Type> Entities => entities;

    /// <summary>What may be done. Nothing by default.</summary>
    public RbacVerb Verbs { get; init; }

    /// <summary>Subresources meant instead of the resource itself, such as <c>status</c>. KubeOps has no counterpart. None by default.</summary>
    public string[] Subresources { get; init; } = [];
}
