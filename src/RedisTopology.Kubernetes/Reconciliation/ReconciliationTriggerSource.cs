namespace RedisTopology.Kubernetes;

/// <summary>Who asked for a reconciliation.</summary>
public enum ReconciliationTriggerSource
{
    /// <summary>A watch event.</summary>
    ApiServer,

    /// <summary>The operator itself: a requeue, a retry, an owned object, a monitor.</summary>
    Operator,
}
