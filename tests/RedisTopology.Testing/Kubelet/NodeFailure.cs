namespace RedisTopology.Testing.Kubelet;

/// <summary>What happens to the processes of a node that is stopped. In each case its kubelet is silent: no lease, no statuses, no deletions.</summary>
public enum NodeFailure
{
    /// <summary>Processes are stopped (SIGSTOP) and go on where they were when the node is back.</summary>
    Freeze,

    /// <summary>Processes run, but no packet reaches or leaves the node's pods.</summary>
    Partition,

    /// <summary>Processes die; when the node is back its pods restart with new addresses and their old volumes.</summary>
    Crash,
}
