namespace RedisTopology.Population;

/// <summary>How a write through the cache ended.</summary>
public enum WriteStatus
{
    /// <summary>Origin and cache have the new value.</summary>
    Written,

    /// <summary>The origin has the new value; the cache has none, since somebody else may have written too: the next read asks the origin.</summary>
    WrittenNotCached,

    /// <summary>The origin refused; the old value stays.</summary>
    Refused,

    /// <summary>Whether the origin has the new value is not known; the old one leaves the cache when the write's lease ends, and the next read asks the origin.</summary>
    Unknown,

    /// <summary>Others wrote the key all the time; nothing was done.</summary>
    Busy,

    /// <summary>The cluster refused, or could not be reached, before the origin was asked; nothing was done.</summary>
    StoreFailed,
}
