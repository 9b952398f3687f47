using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Asks for an entity to be reconciled, now or later. Inject it to wake a controller from outside, for instance when a monitor sees a change.</summary>
/// <typeparam name="TEntity">The kind; must have a controller.</typeparam>
/// <param name="entity">The entity; only its namespace and name matter, the controller gets the cached one.</param>
/// <param name="type">Why; informative, for reconciliation is level-based.</param>
/// <param name="reconciliationTriggerSource">Who asks.</param>
/// <param name="queueIn">After how long; zero for now. An earlier pending time is kept.</param>
/// <param name="retryCount">Failures before this one; informative, the queue keeps its own count.</param>
/// <param name="cancellationToken">Cancels the call.</param>
/// <returns>False when the queue no longer takes work because the process stops.</returns>
public delegate Task<bool> EntityQueue<in TEntity>(
    TEntity entity,
    ReconciliationType type,
    ReconciliationTriggerSource reconciliationTriggerSource,
    TimeSpan queueIn,
    int retryCount,
    CancellationToken cancellationToken)
    where TEntity : IKubernetesObject<V1ObjectMeta>;
