namespace RedisTopology.Core.Planning;

/// <summary>How a replica is promoted.</summary>
public enum FailoverKind
{
    /// <summary>With the master's help: it stops writes, the replica catches up, nothing acknowledged is lost. <c>CLUSTER FAILOVER</c>.</summary>
    Graceful,

    /// <summary>
    /// By the votes of a majority of the masters, held at once and whether or not they miss the master. <c>CLUSTER FAILOVER FORCE</c>; it may be lost, and what a living master has not passed on
    /// is lost when it is won.
    /// </summary>
    Forced,

    /// <summary>Without anyone's consent, for when no majority can vote. <c>CLUSTER FAILOVER TAKEOVER</c>; only from a master confirmed down.</summary>
    Takeover,
}
