using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>A change of a cached object.</summary>
/// <typeparam name="T">The kind.</typeparam>
/// <param name="Type">What happened.</param>
/// <param name="Old">The object before; null when it is new.</param>
/// <param name="New">The object after; null when it is gone.</param>
public readonly record struct ResourceChange<T>(ReconciliationType Type, T? Old, T? New)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The object after the change, or as last seen when it is gone.</summary>
    public T Current => New ?? Old!;
}
