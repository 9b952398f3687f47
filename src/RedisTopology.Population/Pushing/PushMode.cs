namespace RedisTopology.Population;

/// <summary>What a push does with what is there already.</summary>
public enum PushMode
{
    /// <summary>It never overwrites: a key that is there, or is being loaded or written, is skipped.</summary>
    Add,

    /// <summary>It overwrites, and what is being loaded or written meanwhile is not stored.</summary>
    Set,
}
