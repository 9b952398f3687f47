namespace RedisTopology.Sidecar.Commands;

/// <summary>What matters of a command beyond its route.</summary>
[Flags]
public enum CommandTraits : ushort
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Never changes data: may go to a replica and may be sent again.</summary>
    ReadOnly = 1,

    /// <summary>May change data: goes to the master, and is never sent again once it may have been executed.</summary>
    Write = 2,

    /// <summary>Its keys are found by the key finder and not by first, last and step alone.</summary>
    MovableKeys = 4,

    /// <summary>Takes a Lua script or a function that the sidecar heals after a failover: EVALSHA, FCALL...</summary>
    Script = 8,

    /// <summary>Allowed in a RESP2 connection that has subscriptions: the SUBSCRIBE family, PING, QUIT, RESET.</summary>
    WhileSubscribed = 16,

    /// <summary>Not allowed inside MULTI.</summary>
    NotInTransaction = 32,

    /// <summary>Allowed before a client has authenticated: AUTH, HELLO, QUIT, RESET.</summary>
    BeforeAuth = 64,

    /// <summary>Its replies hold a cursor, which means something else to every server: it goes to the master, always.</summary>
    Cursor = 128,
}
