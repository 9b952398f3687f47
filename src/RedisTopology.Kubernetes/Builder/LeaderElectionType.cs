namespace RedisTopology.Kubernetes;

/// <summary>How instances of the operator agree on one that acts.</summary>
public enum LeaderElectionType
{
    /// <summary>They do not: this instance always acts. For one replica, tests and a developer machine.</summary>
    None,

    /// <summary>One Lease for the whole operator.</summary>
    Single,
}
