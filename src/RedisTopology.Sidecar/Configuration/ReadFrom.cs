namespace RedisTopology.Sidecar.Configuration;

/// <summary>Which servers of a shard reads go to.</summary>
public enum ReadFrom
{
    /// <summary>A replica that is in sync, else the master. The default.</summary>
    Replica,

    /// <summary>The master alone.</summary>
    Master,

    /// <summary>The master or any replica that is in sync, in turn.</summary>
    Any,

    /// <summary>A server of the sidecar's own zone, else as <see cref="Replica"/>.</summary>
    Zone,
}
