namespace RedisTopology.Cli.Status;

/// <summary>A cluster as <c>status</c> shows it, and as it prints it with <c>-o json</c>.</summary>
internal sealed record ClusterView
{
    public required string Name { get; init; }

    public required string Namespace { get; init; }

    /// <summary>The phase of the status; null while the operator has written none.</summary>
    public string? Phase { get; init; }

    public string? Engine { get; init; }

    /// <summary>Pods in their role, of all.</summary>
    public string? Ready { get; init; }

    /// <summary>Slots served, of 16384.</summary>
    public string? SlotsCovered { get; init; }

    /// <summary>The operator has not yet looked at the present spec.</summary>
    public bool SpecPending { get; init; }

    /// <summary>Where the figures of the shards come from: <c>servers</c>, asked just now, or <c>status</c>, as the operator last wrote it.</summary>
    public required string Source { get; init; }

    /// <summary>Why not all, or none, of the servers answered.</summary>
    public string? SourceNote { get; init; }

    public required IReadOnlyList<ShardView> Shards { get; init; }

    public required IReadOnlyList<MigrationView> Migrations { get; init; }

    public required IReadOnlyList<ConditionView> Conditions { get; init; }

    public long Keys => Shards.Sum(s => s.Master?.Keys ?? 0);

    public long UsedMemory => Shards.Sum(s => s.Master?.UsedMemory ?? 0);

    public long MaxMemory => Shards.Sum(s => s.Master?.MaxMemory ?? 0);

    /// <summary>Commands a second on all servers; null when they were not asked.</summary>
    public long? OpsPerSecond => Source == "servers" ? Shards.Sum(s => s.Servers.Sum(p => p.OpsPerSecond ?? 0)) : null;
}
