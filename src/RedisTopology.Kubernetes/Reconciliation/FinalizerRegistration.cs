using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>A finalizer and the name it puts on entities.</summary>
internal sealed record FinalizerRegistration<TEntity>(string Identifier, Type Implementation)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>;
