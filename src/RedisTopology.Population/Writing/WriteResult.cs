namespace RedisTopology.Population;

/// <summary>What a write through the cache came to.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Replicas">How many replicas have it; null when none were waited for.</param>
/// <param name="Error">What went wrong.</param>
public readonly record struct WriteResult(WriteStatus Status, int? Replicas, string? Error)
{
    /// <summary>Whether the origin has the new value for certain.</summary>
    public bool IsAcknowledged => Status is WriteStatus.Written or WriteStatus.WrittenNotCached;
}
