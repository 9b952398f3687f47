using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>Who is told what servers answer. Members are called on any thread, and must not block.</summary>
internal interface IAgentListener
{
    /// <summary>A server said what it sees of the cluster.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="view">What it sees.</param>
    void Viewed(NodeAgent agent, ClusterView view);

    /// <summary>A server answered, and had nothing to say of the cluster.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="why">Its own error.</param>
    void ViewFailed(NodeAgent agent, string why);

    /// <summary>A server told its replication offset.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="status">What it told.</param>
    /// <param name="askedAt">A moment before it was asked, in milliseconds.</param>
    void Polled(NodeAgent agent, ReplicationStatus status, long askedAt);

    /// <summary>A master told which slots it gives away. Comes before what it told of its offset in the same poll.</summary>
    /// <param name="agent">Its agent.</param>
    /// <param name="openings">What it told.</param>
    void Opened(NodeAgent agent, Openings openings);

    /// <summary>A server did not answer; <see cref="NodeAgent.Trouble"/> says why.</summary>
    /// <param name="agent">Its agent.</param>
    void Failed(NodeAgent agent);

    /// <summary>A server answers, for the first time or again.</summary>
    /// <param name="agent">Its agent.</param>
    void Recovered(NodeAgent agent);
}
