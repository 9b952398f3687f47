namespace RedisTopology.Sidecar.Topology;

/// <summary>The topology as the sidecar sees it now: what <c>/topology</c> shows. No keys, values or secrets are in it.</summary>
public sealed record TopologyReport
{
    /// <summary>Whether a map has been learned.</summary>
    public required bool Known { get; init; }

    /// <summary>Whether the servers that were believed say that the cluster serves.</summary>
    public required bool ClusterOk { get; init; }

    /// <summary>The newest configuration epoch of the map.</summary>
    public required long Epoch { get; init; }

    /// <summary>How long the map has been in force; null when there is none.</summary>
    public required double? MapAgeSeconds { get; init; }

    /// <summary>How long ago a server confirmed or changed it; null for never.</summary>
    public required double? ConfirmedAgoSeconds { get; init; }

    /// <summary>Why the topology was last looked at; null before the first look.</summary>
    public required string? LastRefreshReason { get; init; }

    /// <summary>What that led to.</summary>
    public required RefreshOutcome? LastRefreshOutcome { get; init; }

    /// <summary>What went wrong with it, by server or seed.</summary>
    public required IReadOnlyDictionary<string, string> LastRefreshTroubles { get; init; }

    /// <summary>How many of the 16,384 slots have no master now.</summary>
    public required int UnservedSlots { get; init; }

    /// <summary>How many slots are read from their masters alone for now: their keys are on their way to another shard, or have just come.</summary>
    public required int SlotsReadFromMasters { get; init; }

    /// <summary>The shards.</summary>
    public required IReadOnlyList<ShardReport> Shards { get; init; }
}
