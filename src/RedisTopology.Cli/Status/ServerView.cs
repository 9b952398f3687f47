namespace RedisTopology.Cli.Status;

/// <summary>One pod of a shard. What is not known is null.</summary>
internal sealed record ServerView
{
    public required string Pod { get; init; }

    /// <summary><c>master</c>, <c>replica</c>, or <c>unknown</c>.</summary>
    public required string Role { get; init; }

    /// <summary>What is to be said of it, when it is not as it should be.</summary>
    public string? Trouble { get; init; }

    public string? Address { get; init; }

    /// <summary>The Kubernetes node.</summary>
    public string? Node { get; init; }

    /// <summary>How far a replica is behind its master, bytes.</summary>
    public long? LagBytes { get; init; }

    /// <summary>A replica's link: <c>up</c>, <c>down</c> or <c>away</c>.</summary>
    public string? Link { get; init; }

    public long? Keys { get; init; }

    /// <summary>Bytes.</summary>
    public long? UsedMemory { get; init; }

    /// <summary>Bytes; null or 0 for no bound.</summary>
    public long? MaxMemory { get; init; }

    public long? OpsPerSecond { get; init; }

    public long? Clients { get; init; }

    public int? Restarts { get; init; }
}
