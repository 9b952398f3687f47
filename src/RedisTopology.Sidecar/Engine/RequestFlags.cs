namespace RedisTopology.Sidecar.Engine;

/// <summary>What is to be known of a request on its way.</summary>
[Flags]
internal enum RequestFlags : ushort
{
    None = 0,

    /// <summary>Changes nothing: may be sent again.</summary>
    ReadOnly = 1,

    /// <summary>Counted as a write under way in its slot.</summary>
    Writing = 2,

    /// <summary>The reply is there (in <see cref="Request.Reply"/>), its turn is not.</summary>
    Done = 4,

    /// <summary>The sidecar's own: nobody waits for the reply.</summary>
    Internal = 8,

    /// <summary>Parts of the reply have gone to the client already.</summary>
    Streaming = 16,

    /// <summary>The client wants no reply (CLIENT REPLY).</summary>
    Silent = 32,

    /// <summary>Its reply may be of any size: counts in the client's window.</summary>
    Unsized = 64,

    /// <summary>Reads from the master alone, whatever the policy.</summary>
    MasterOnly = 128,

    /// <summary>Has all its pieces elsewhere: stands in its client's line alone.</summary>
    Parent = 256,

    /// <summary>Waits for a master.</summary>
    Parked = 512,

    /// <summary>Was sent to a replica.</summary>
    AtReplica = 1024,

    /// <summary>Opens a barrier: the client's next command is taken once this is answered.</summary>
    Barrier = 2048,

    /// <summary>Sent on a connection of the client's own.</summary>
    Private = 4096,

    /// <summary>Was passed on while it arrived: it can not be sent again.</summary>
    Uploading = 8192,

    /// <summary>Is at a server that its slot has left: what comes after it for that slot waits for its return.</summary>
    Fenced = 16384,

    /// <summary>Reads a key that is populated: a reply that says "nothing" is not the last word.</summary>
    Managed = 32768,
}
