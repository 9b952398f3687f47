using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Namespace and name: what identifies an object of a known kind, and what work queues hold.</summary>
/// <param name="Namespace">The namespace; empty for cluster-scoped objects.</param>
/// <param name="Name">The name.</param>
public readonly record struct ObjectKey(string Namespace, string Name)
{
    /// <summary>The key of an object.</summary>
    /// <param name="entity">The object; its name must be set.</param>
    public static ObjectKey Of(IKubernetesObject<V1ObjectMeta> entity)
    {
        ArgumentNullException.ThrowIfNull(entity);
        return new(entity.Metadata.NamespaceProperty ?? string.Empty, entity.Metadata.Name);
    }

    /// <summary><c>namespace/name</c>, or just the name for cluster-scoped objects.</summary>
    public override string ToString() => string.IsNullOrEmpty(Namespace) ? Name : $"{Namespace}/{Name}";
}
