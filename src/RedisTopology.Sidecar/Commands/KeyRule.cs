namespace RedisTopology.Sidecar.Commands;

/// <summary>How the keys of a command are found.</summary>
internal enum KeyRule : byte
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>By first, last and step.</summary>
    Range,

    /// <summary>As <see cref="Range"/>, key and value in turn: an odd number of arguments is malformed.</summary>
    Pairs,

    /// <summary>Argument 1 is their number, they follow it: SINTERCARD, LMPOP...</summary>
    Counted,

    /// <summary>Argument 1 is the number of key and value pairs that follow it: MSETEX.</summary>
    CountedPairs,

    /// <summary>Argument 2 is their number, they follow it: EVAL, BLMPOP...</summary>
    CountedSecond,

    /// <summary>Argument 1 is a key, argument 2 the number of those that follow it: ZUNIONSTORE...</summary>
    Destination,

    /// <summary>The first half of what follows STREAMS: XREAD...</summary>
    Streams,

    /// <summary>Argument 1, and what follows the last STORE: SORT.</summary>
    Sort,

    /// <summary>Argument 1, and what follows the last STORE or STOREDIST: GEORADIUS...</summary>
    GeoStore,
}
