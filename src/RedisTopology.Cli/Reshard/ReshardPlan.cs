namespace RedisTopology.Cli.Reshard;

/// <summary>What a change of the shards would do.</summary>
internal sealed record ReshardPlan
{
    public required string Cluster { get; init; }

    public required string Namespace { get; init; }

    public required IReadOnlyList<ReshardMove> Moves { get; init; }

    /// <summary>Shards that would be made.</summary>
    public required IReadOnlyList<string> Added { get; init; }

    /// <summary>Shards that would be removed once they are empty.</summary>
    public required IReadOnlyList<string> Removed { get; init; }

    /// <summary>Every shard with what it would own.</summary>
    public required IReadOnlyList<ShardAfter> Shards { get; init; }

    public int Slots => Moves.Sum(m => m.Slots);

    public long Bytes => Moves.Sum(m => m.Bytes ?? 0);

    /// <summary>The merge patch that would do it.</summary>
    public required string Patch { get; init; }

    /// <summary>What speaks against it.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <param name="Name">The shard.</param>
    /// <param name="Before">Slots it owns now.</param>
    /// <param name="After">Slots it would own.</param>
    /// <param name="Bytes">About what its dataset would take; null when not known.</param>
    internal sealed record ShardAfter(string Name, int Before, int After, long? Bytes);
}
