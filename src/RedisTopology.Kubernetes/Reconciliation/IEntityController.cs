using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// <para>
/// Reconciliation is level-based. A controller is told <em>that</em> an entity may differ from the world, never <em>what</em> changed: the events that led to
/// the call were merged on the way, some were missed while the process was down, and the next call may come without any. So a controller looks at
/// the world as it is, works out what is missing, does a part of it, and may be stopped after any line. The next call picks up by looking again.
/// </para>
/// <para>
/// For one entity there is never more than one call at a time, and a change that arrives during a call leads to another call after it. Failures are
/// retried with an exponential back-off of the entity's own; other entities do not wait for it.
/// </para>
/// <para>The entity passed in comes from the cache and is shared: do not change it. It may be older than your own last write; the next event corrects that.</para>
/// </summary>
/// <typeparam name="TEntity">The kind that is controlled.</typeparam>
public interface IEntityController<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Brings the world closer to what the entity asks for.</summary>
    /// <param name="entity">The entity as cached. Not to be changed.</param>
    /// <param name="cancellationToken">Cancelled when leadership is lost or the process stops: return soon, write nothing more.</param>
    /// <returns>
    /// Success, with an optional time after which to look again, or a failure that is retried with back-off.
    /// An exception counts as a failure; <see cref="ApiConflictException"/> is retried without being reported as an error.
    /// </returns>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>
    /// The entity is gone. At most once, and not at all if it vanished while the process was down: what must happen belongs in a finalizer.
    /// Use it to drop in-memory state.
    /// </summary>
    /// <param name="entity">The entity as last seen.</param>
    /// <param name="cancellationToken">Cancelled when leadership is lost or the process stops.</param>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}
