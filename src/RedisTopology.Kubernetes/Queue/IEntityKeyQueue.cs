using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>The queue of a controller, for callers that know a key but hold no entity. KubeOps has only <see cref="EntityQueue{TEntity}"/>.</summary>
/// <typeparam name="TEntity">The kind; must have a controller.</typeparam>
public interface IEntityKeyQueue<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Asks for a reconciliation. Never blocks; safe from any thread; merged with others for the same key.</summary>
    /// <param name="key">The entity.</param>
    /// <param name="delay">After how long; zero for now. An earlier pending time is kept.</param>
    /// <returns>False when the queue no longer takes work because the process stops.</returns>
    bool Enqueue(ObjectKey key, TimeSpan delay = default);
}
