namespace RedisTopology.Testing.Kubelet;

/// <summary>How the nodes answer an in-place resize (the <c>pods/resize</c> subresource, Kubernetes 1.33+).</summary>
public enum ResizeAnswer
{
    /// <summary>Carried out at once (default).</summary>
    Accept,

    /// <summary>PodResizePending with reason Deferred: the node has no room now.</summary>
    Deferred,

    /// <summary>PodResizePending with reason Infeasible: the node never has room.</summary>
    Infeasible,
}
