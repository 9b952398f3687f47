namespace RedisTopology.Operator.Redis;

/// <summary>What has become of an atomic slot migration.</summary>
internal enum JobState
{
    /// <summary>It is under way, or waits to be tried again by the engine.</summary>
    Running,

    /// <summary>The target owns the slots.</summary>
    Done,

    /// <summary>Somebody ended it.</summary>
    Cancelled,

    /// <summary>It failed, and the slots are where they were.</summary>
    Failed,
}
