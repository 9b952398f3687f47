namespace RedisTopology.Sidecar.Commands;

/// <summary>Which replies a client wants: CLIENT REPLY.</summary>
public enum ReplyMode : byte
{
    /// <summary>All. The default.</summary>
    On,

    /// <summary>None.</summary>
    Off,

    /// <summary>All but that to the next command.</summary>
    SkipNext,

    /// <summary>That command is being taken.</summary>
    Skipping,
}
