using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Requests for single objects of any kind that has <c>[KubernetesEntity]</c>. For what caches do not hold; steady-state reconciliation reads caches.
/// Failures are <see cref="ApiException"/>.
/// </summary>
public interface IKubernetesClient
{
    /// <summary>The client library itself, for everything not covered here.</summary>
    IKubernetes ApiClient { get; }

    /// <summary>Reads an object.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="name">The name.</param>
    /// <param name="namespace">The namespace; null for cluster-scoped kinds.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object, or null when there is none.</returns>
    Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Lists objects, page by page.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="namespace">The namespace; null for all.</param>
    /// <param name="labelSelector">A label selector; null for none.</param>
    /// <param name="fieldSelector">A field selector; null for none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<IList<TEntity>> ListAsync<TEntity>(string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Creates an object.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as stored.</returns>
    Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Replaces an object. Its <c>resourceVersion</c>, when set, must still be the current one.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The object as stored.</returns>
    Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Deletes exactly the object that was seen: a namesake created since is spared by a precondition on the uid. An object that is gone already is success.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object; its uid, when set, is the precondition.</param>
    /// <param name="gracePeriodSeconds">Overrides the grace period of a pod, in seconds; null for the object's own.</param>
    /// <param name="propagationPolicy">What becomes of its dependents: <c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when there was no such object.</returns>
    /// <exception cref="ApiConflictException">The name now belongs to another object.</exception>
    Task<bool> DeleteAsync<TEntity>(TEntity entity, long? gracePeriodSeconds = null, string propagationPolicy = "Background", CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// Deletes exactly the pod that was seen, unless a disruption budget forbids it: the API server counts it against the budget at once, as it does a drain's evictions. In the version of
    /// the policy group that it says it takes.
    /// </summary>
    /// <param name="pod">The pod's name, namespace and uid.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>False when there was no such pod.</returns>
    /// <exception cref="ApiConflictException">The name now belongs to another pod.</exception>
    /// <exception cref="ApiException">With 429 the budget does not allow it now; with 500 the API server finds more than one budget for it, and never will.</exception>
    Task<bool> EvictAsync(V1ObjectMeta pod, CancellationToken cancellationToken = default);
}
