using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Servers;

/// <summary>What one server said of itself.</summary>
internal sealed record ServerReport
{
    /// <summary>Its node id.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its role in its own eyes.</summary>
    public NodeRole Role { get; init; }

    /// <summary>The node id of its master; null for a master.</summary>
    public string? MasterId { get; init; }

    /// <summary>The slots it claims.</summary>
    public SlotSet Slots { get; init; } = SlotSet.Empty;

    /// <summary>Slots that are on their way, from it or to it.</summary>
    public int OpenSlots { get; init; }

    /// <summary>A replica's link to its master; true for a master.</summary>
    public bool LinkUp { get; init; } = true;

    /// <summary>Replication offset, bytes.</summary>
    public long Offset { get; init; }

    /// <summary>Used memory, bytes.</summary>
    public long UsedMemory { get; init; }

    /// <summary>Memory bound, bytes; 0 for none.</summary>
    public long MaxMemory { get; init; }

    /// <summary>Number of keys.</summary>
    public long Keys { get; init; }

    /// <summary>Commands a second, as the server averages them.</summary>
    public long OpsPerSecond { get; init; }

    /// <summary>Commands since its start.</summary>
    public long Commands { get; init; }

    /// <summary>Reads that found their key, since its start.</summary>
    public long Hits { get; init; }

    /// <summary>Reads that did not.</summary>
    public long Misses { get; init; }

    /// <summary>Keys evicted for want of memory, since its start.</summary>
    public long Evicted { get; init; }

    /// <summary>Connected clients.</summary>
    public long Clients { get; init; }

    /// <summary>Network input and output, KiB/s.</summary>
    public double InputKiB { get; init; }

    /// <inheritdoc cref="InputKiB"/>
    public double OutputKiB { get; init; }

    /// <summary>The engine's version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Seconds since its start.</summary>
    public long Uptime { get; init; }

    /// <summary><c>cluster_state:ok</c>.</summary>
    public bool ClusterOk { get; init; }

    /// <summary>It still reads its dataset from disk.</summary>
    public bool Loading { get; init; }
}
