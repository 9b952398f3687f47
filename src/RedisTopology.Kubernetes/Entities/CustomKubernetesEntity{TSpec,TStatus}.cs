using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>A custom resource with a specification and a status subresource.</summary>
/// <typeparam name="TSpec">What the person asks for.</typeparam>
/// <typeparam name="TStatus">What the operator reports.</typeparam>
public abstract class CustomKubernetesEntity<TSpec, TStatus> : CustomKubernetesEntity<TSpec>, IStatus<TStatus>
    where TSpec : new()
    where TStatus : new()
{
    /// <summary>What the operator reports. Never null.</summary>
    public TStatus Status { get; set; } = new();
}
