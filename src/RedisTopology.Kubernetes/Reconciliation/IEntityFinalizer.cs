using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// What must be done before an entity may disappear. The runtime puts the finalizer's identifier on every entity before its first reconciliation,
/// calls <see cref="FinalizeAsync"/> once deletion is requested, and takes the identifier off when that succeeded. A crash in between calls it again.
/// </summary>
/// <typeparam name="TEntity">The kind that is finalized.</typeparam>
public interface IEntityFinalizer<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Cleans up. Must be idempotent; never runs twice at once for one entity, nor beside its reconciliation.</summary>
    /// <param name="entity">The entity as cached. Not to be changed.</param>
    /// <param name="cancellationToken">Cancelled when leadership is lost or the process stops.</param>
    /// <returns>Success lets the entity go, unless it asks to be called again by <c>RequeueAfter</c>; a failure is retried with back-off.</returns>
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}
