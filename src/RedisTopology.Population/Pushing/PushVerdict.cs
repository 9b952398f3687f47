namespace RedisTopology.Population;

/// <summary>The kinds of outcomes of one entry.</summary>
internal enum PushVerdict
{
    /// <summary>It is stored.</summary>
    Stored,

    /// <summary>The key was there, or somebody was at work on it.</summary>
    Skipped,

    /// <summary>It could not be stored.</summary>
    Failed,
}
