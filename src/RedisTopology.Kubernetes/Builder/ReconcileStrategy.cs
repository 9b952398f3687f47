namespace RedisTopology.Kubernetes;

/// <summary>Which watch events of the controlled entity lead to a reconciliation.</summary>
public enum ReconcileStrategy
{
    /// <summary>Those that change the specification, labels, annotations, finalizers or the deletion mark: the controller is not woken by its own status writes.</summary>
    ByGeneration,

    /// <summary>All.</summary>
    ByResourceVersion,
}
