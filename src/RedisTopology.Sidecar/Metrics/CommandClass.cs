namespace RedisTopology.Sidecar.Metrics;

/// <summary>By what latencies are told apart in metrics.</summary>
public enum CommandClass : byte
{
    /// <summary>Reads keys.</summary>
    Read,

    /// <summary>Writes keys.</summary>
    Write,

    /// <summary>Runs a script or a function.</summary>
    Script,

    /// <summary>A transaction as a whole.</summary>
    Transaction,

    /// <summary>Waits on the server as asked: its latency is the client's wish.</summary>
    Blocking,

    /// <summary>Asked of every master, or of any.</summary>
    Cluster,
}
