namespace RedisTopology.Sidecar.Commands;

/// <summary>How the replies of several servers become one. An error of any server is the whole reply, except where said otherwise.</summary>
public enum Merge : byte
{
    /// <summary>Not merged.</summary>
    None,

    /// <summary>Integers are added: DEL, DBSIZE, EXISTS...</summary>
    Sum,

    /// <summary>All said OK (or the same): the first reply.</summary>
    First,

    /// <summary>The first reply that is not nil, else nil: RANDOMKEY.</summary>
    FirstNotNil,

    /// <summary>Array elements put back in the order of the request's keys: MGET.</summary>
    ByKey,

    /// <summary>Arrays joined end to end: KEYS, PUBSUB CHANNELS.</summary>
    Concatenate,

    /// <summary>Integers, or arrays of integers of equal length: the least of each: SCRIPT EXISTS, WAIT.</summary>
    Least,

    /// <summary>Arrays of name, integer pairs, the integers of a name added: PUBSUB NUMSUB.</summary>
    SumByName,

    /// <summary>The reply to PUBLISH, an integer, and to PUBSUB NUMSUB of its channel at the other servers: the integers added. What a server can not say is left out.</summary>
    Receivers,

    /// <summary>Arrays joined, what is in several of them once: PUBSUB CHANNELS.</summary>
    Union,

    /// <summary>The first reply that is no error; when all are, the first of them: SCRIPT KILL, which only the server that runs one takes.</summary>
    AnySuccess,

    /// <summary>The servers are asked one after the other, in the order of the keys, and the first reply that is not nil is the whole: LMPOP.</summary>
    InTurn,

    /// <summary>INFO texts: counters are added. Errors are left out as long as one server answers.</summary>
    Info,

    /// <summary>What CONFIG GET answers: <see cref="ServerSettings.Merged"/>.</summary>
    Settings,

    /// <summary>The entries of all slow logs, the newest first, and no more of them than were asked for: SLOWLOG GET.</summary>
    Newest,

    /// <summary>Samples in the order of their time: LATENCY HISTORY.</summary>
    ByTime,

    /// <summary>One entry for each event, that of the server where it was last: LATENCY LATEST.</summary>
    Events,
}
