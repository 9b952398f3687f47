namespace RedisTopology.Sidecar.Configuration;

/// <summary>How fresh a read is.</summary>
public enum Consistency
{
    /// <summary>A read may miss any write that has not reached the replica yet, one of the same connection too.</summary>
    Eventual,

    /// <summary>A key written through this sidecar is read from the master until the replicas have that write. The default.</summary>
    Session,

    /// <summary>Every read goes to the master.</summary>
    Master,
}
