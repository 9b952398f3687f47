namespace RedisTopology.Cli.Where;

/// <summary>Where a key lives, as <c>where</c> shows it and prints it with <c>-o json</c>.</summary>
internal sealed record KeyPlace
{
    /// <summary>The key as an app sends it.</summary>
    public required string Key { get; init; }

    /// <summary>The key as the server has it: the same, but for clusters sharded by ids.</summary>
    public required string StoredAs { get; init; }

    public required string Cluster { get; init; }

    public required string Namespace { get; init; }

    /// <summary>Its hash slot.</summary>
    public required int Slot { get; init; }

    /// <summary>The id in it, where ids decide; null where the hash does.</summary>
    public long? Id { get; init; }

    /// <summary>How that follows, line by line.</summary>
    public required IReadOnlyList<string> Why { get; init; }

    /// <summary>The shard that owns the slot; null while none does.</summary>
    public string? Shard { get; init; }

    /// <summary>All ranges of that shard.</summary>
    public string? Ranges { get; init; }

    public Status.ServerView? Master { get; init; }

    public IReadOnlyList<Status.ServerView> Replicas { get; init; } = [];

    /// <summary>The shard the slot is on its way to; null when it stays.</summary>
    public string? MovingTo { get; init; }

    /// <summary>What is stored under it; null when the server was not, or could not be, asked.</summary>
    public StoredValue? Value { get; init; }

    /// <summary>Why <see cref="Value"/> is not known.</summary>
    public string? ValueNote { get; init; }
}
