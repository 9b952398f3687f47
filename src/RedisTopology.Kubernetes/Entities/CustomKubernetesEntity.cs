using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>A custom resource without specification: the base of the two below it.</summary>
public abstract class CustomKubernetesEntity : KubernetesObject, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Standard object metadata. Never null.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();
}
