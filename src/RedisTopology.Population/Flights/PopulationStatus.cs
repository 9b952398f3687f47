namespace RedisTopology.Population;

/// <summary>How a populated read ended.</summary>
public enum PopulationStatus
{
    /// <summary>The value was in the cache.</summary>
    Hit,

    /// <summary>It was in the cache and is past its time, in its stale window: it is being renewed.</summary>
    Stale,

    /// <summary>It was asked of the origin, by this caller or by another it waited with.</summary>
    Loaded,

    /// <summary>The origin has no such thing.</summary>
    NotFound,

    /// <summary>It is not in the cache, and the origin does not work or nobody brought it in time.</summary>
    OriginDown,

    /// <summary>The cluster refused, or could not be reached.</summary>
    StoreFailed,
}
