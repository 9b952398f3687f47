namespace RedisTopology.Client;

/// <summary>How fresh reads are that go straight to a cluster. Before a sidecar its own <c>consistency</c> decides.</summary>
/// <remarks>
/// Slots that the operator moves key by key are read from masters meanwhile, as replicas of Redis know nothing of it. What is moved by hand (<c>redis-cli --cluster reshard</c>) is not announced:
/// reads from replicas may miss keys of it. <see cref="Master"/> for the time of it does not have this.
/// </remarks>
public enum CacheConsistency
{
    /// <summary>
    /// A key written by this process is read from its master until the replicas have the write, as their offsets tell, for at most <see cref="CacheClusterOptions.SessionLimit"/>; other
    /// reads go to replicas. Other processes may read the old value for as long as replication takes.
    /// </summary>
    Session,

    /// <summary>Reads go to replicas: they may miss any recent write, this process' own among them.</summary>
    Eventual,

    /// <summary>Every read goes to the master.</summary>
    Master,
}
