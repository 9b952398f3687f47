namespace RedisTopology.Sidecar.Keys;

/// <summary>Where a reply carries keys, which clients are to see as they write them.</summary>
internal enum KeyReply : byte
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>In the text of an error alone: NOGROUP.</summary>
    Error,

    /// <summary>It is a key: RANDOMKEY.</summary>
    Key,

    /// <summary>It is a list of keys: KEYS.</summary>
    Keys,

    /// <summary>Its second element is a list of keys: SCAN.</summary>
    Scan,

    /// <summary>Its first element is a key: BLPOP, LMPOP...</summary>
    First,

    /// <summary>Its elements begin with keys, or it is a map of them: XREAD.</summary>
    Streams,

    /// <summary>Anywhere, as commands are quoted in it: SLOWLOG GET.</summary>
    Anywhere,

    /// <summary>In the names of channels that tell of keys: PUBSUB CHANNELS.</summary>
    Channels,
}
