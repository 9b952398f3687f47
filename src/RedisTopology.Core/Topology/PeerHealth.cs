namespace RedisTopology.Core.Topology;

/// <summary>How a node sees one of its peers, from the flags of <c>CLUSTER NODES</c>.</summary>
public enum PeerHealth
{
    /// <summary>Nothing is held against it.</summary>
    Ok,

    /// <summary>This node alone finds it silent (<c>fail?</c>).</summary>
    Suspect,

    /// <summary>A majority of masters agreed that it is down (<c>fail</c>).</summary>
    Failed,

    /// <summary>Introduced by MEET or gossip and not yet confirmed; its id is provisional.</summary>
    Handshake,

    /// <summary>Its address is unknown or answered with another identity (<c>noaddr</c>); gossip never fails such a node over.</summary>
    NoAddress,
}
