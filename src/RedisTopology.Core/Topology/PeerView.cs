namespace RedisTopology.Core.Topology;

/// <summary>One line of a node's <c>CLUSTER NODES</c> about another node.</summary>
/// <param name="Id">The peer's 40-character node id.</param>
/// <param name="Address">Its IP address as this node believes it; null when unknown.</param>
/// <param name="Pod">The pod the peer announced itself as (the first label of its hostname); null when it has not yet.</param>
/// <param name="Role">Its role in this node's eyes.</param>
/// <param name="MasterId">The id of the master it replicates; null for a master.</param>
/// <param name="Slots">The slots this node believes it owns.</param>
/// <param name="Health">What the flags say.</param>
/// <param name="Connected">Whether the cluster bus link to it is connected.</param>
/// <param name="ConfigEpoch">The epoch its slots were configured under.</param>
public sealed record PeerView(
    string Id,
    string? Address,
    PodIdentity? Pod,
    NodeRole Role,
    string? MasterId,
    SlotSet Slots,
    PeerHealth Health,
    bool Connected,
    long ConfigEpoch)
{
    /// <summary>This node had an answer from the peer within the node timeout, by its own clock; false where that is not known.</summary>
    public bool Heard { get; init; }
}
