namespace RedisTopology.Sidecar.Commands;

/// <summary>How a command finds its way. Every command is in exactly one of these.</summary>
public enum Route : byte
{
    /// <summary>Forwarded whole to the shard of its key or keys, which must share a slot.</summary>
    Slot,

    /// <summary>As <see cref="Slot"/> when its keys share one, else split by slot and merged: MGET MSET DEL UNLINK EXISTS TOUCH.</summary>
    Split,

    /// <summary>Sent to every master; the replies are merged by <see cref="CommandInfo.Merge"/>.</summary>
    FanOut,

    /// <summary>SCAN: one server after another, the cursor tells which.</summary>
    Scan,

    /// <summary>Any one master answers for all: TIME, PUBLISH, FUNCTION LIST... So does a <see cref="Slot"/> command that has no keys: EVAL with numkeys 0.</summary>
    AnyNode,

    /// <summary>
    /// Answered by the sidecar itself, by the code of local commands. What that leaves to the servers goes as <see cref="FanOut"/> when <see cref="CommandInfo.Merge"/> is set,
    /// else as <see cref="AnyNode"/>.
    /// </summary>
    Local,

    /// <summary>MULTI EXEC DISCARD WATCH UNWATCH.</summary>
    Transaction,

    /// <summary>May wait on the server: needs a connection of its own, when <see cref="BlockingCalls.MayBlock"/> says so of the request. WAIT and WAITAOF have no keys: all masters.</summary>
    Blocking,

    /// <summary>Subscribes or unsubscribes: needs a connection of its own.</summary>
    PubSub,

    /// <summary>Refused with <see cref="CommandInfo.Refusal"/>, unless the options allow it by name (it then goes by <see cref="CommandInfo.WhenAllowed"/>).</summary>
    Refused,
}
