using System.Diagnostics.CodeAnalysis;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>What came of a reconciliation.</summary>
/// <typeparam name="TEntity">The kind.</typeparam>
public sealed record ReconciliationResult<TEntity>
    where TEntity : IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity, bool isSuccess, string? errorMessage, Exception? error, TimeSpan? requeueAfter)
    {
        Entity = entity;
        IsSuccess = isSuccess;
        ErrorMessage = errorMessage;
        Error = error;
        RequeueAfter = requeueAfter;
    }

    /// <summary>The entity.</summary>
    public TEntity Entity { get; }

    /// <summary>False when the reconciliation is to be retried with back-off.</summary>
    [MemberNotNullWhen(false, nameof(ErrorMessage))]
    public bool IsSuccess { get; }

    /// <summary>What went wrong; null on success.</summary>
    public string? ErrorMessage { get; }

    /// <summary>What was thrown; null when nothing was.</summary>
    public Exception? Error { get; }

    /// <summary>
    /// When to look again if nothing happens before; null for not on a timer. On failure it replaces the back-off. An earlier pending requeue wins over a later one.
    /// </summary>
    public TimeSpan? RequeueAfter { get; set; }

    /// <summary>The entity was brought a step further, or needs nothing.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="requeueAfter">When to look again; null for not on a timer.</param>
    [SuppressMessage("Design", "CA1000", Justification = "The name and shape of KubeOps.")]
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) => new(entity, true, null, null, requeueAfter);

    /// <summary>The reconciliation failed and is retried.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="errorMessage">What went wrong, for the log.</param>
    /// <param name="error">What was thrown, if anything.</param>
    /// <param name="requeueAfter">When to retry; null for the exponential back-off of the queue.</param>
    [SuppressMessage("Design", "CA1000", Justification = "The name and shape of KubeOps.")]
    public static ReconciliationResult<TEntity> Failure(TEntity entity, string errorMessage, Exception? error = null, TimeSpan? requeueAfter = null)
        => new(entity, false, errorMessage, error, requeueAfter);
}
