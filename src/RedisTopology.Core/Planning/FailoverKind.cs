namespace RedisTopology.Core.Planning;

/// <summary>How a replica is promoted.</summary>
public enum FailoverKind
{
    /// <summary>With the master's help: it stops writes, the replica catches up, nothing acknowledged is lost. <c>CLUSTER FAILOVER</c>.</summary>
    Graceful,

    /// <summary>Without anyone's consent, for when no majority can vote. <c>CLUSTER FAILOVER TAKEOVER</c>; only from a master confirmed down.</summary>
    Takeover,
}
