namespace RedisTopology.Testing.Load;

/// <summary>How a <see cref="ClusterLoad"/> behaves. The defaults leave most of two cores to what is tested.</summary>
public sealed record ClusterLoadOptions
{
    /// <summary>Writers, each with a reader beside it, on a part of the slots of its own. Default 8.</summary>
    public int Lanes { get; init; } = 8;

    /// <summary>Keys written before and read back after, so that there is something to move and to copy. Default 2,000.</summary>
    public int StaticKeys { get; init; } = 2000;

    /// <summary>Bytes of each of their values. Default 100.</summary>
    public int ValueSize { get; init; } = 100;

    /// <summary>Pause between two commands of a writer or reader: also the finest gap that is seen. Default 4 ms.</summary>
    public TimeSpan Think { get; init; } = TimeSpan.FromMilliseconds(4);

    /// <summary>How long a sent command may stay unanswered before it is tried again elsewhere. Default 1 s.</summary>
    public TimeSpan ReplyTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a command may take with all its attempts. Default 30 s.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the seed is a proxy that serves every slot, e.g. the sidecar: it is not asked who owns them. Default false.</summary>
    public bool ThroughProxy { get; init; }

    /// <summary>How servers that speak TLS are verified. Default null: they do not.</summary>
    public ClientTls? Tls { get; init; }
}
