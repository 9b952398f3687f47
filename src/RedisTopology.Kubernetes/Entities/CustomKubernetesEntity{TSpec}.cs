using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>A custom resource with a specification.</summary>
/// <typeparam name="TSpec">What the person asks for.</typeparam>
public abstract class CustomKubernetesEntity<TSpec> : CustomKubernetesEntity, ISpec<TSpec>
    where TSpec : new()
{
    /// <summary>What the person asks for. Never null.</summary>
    public TSpec Spec { get; set; } = new();
}
