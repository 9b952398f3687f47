using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A connection of the application.</summary>
internal sealed class Client : Endpoint
{
    /// <summary>How many unanswered commands with replies of unknown size a client may begin with.</summary>
    public const int FirstWindow = 8;

    /// <summary>And how many at most: what a batch gains is won by then, and 128 great replies still fit.</summary>
    public const int MaxWindow = 128;

    /// <summary>How many unanswered commands of any kind.</summary>
    public const int MaxInFlight = 4096;

    /// <summary>How many bytes of unanswered commands: 8 MiB.</summary>
    public const long MaxPendingBytes = 8 << 20;

    /// <summary>How many bytes of replies may be unread before its next command is taken.</summary>
    public long MaxUnread;

    /// <summary>What it has told of itself.</summary>
    public ClientState State = null!;

    /// <summary>Bytes that make no whole request yet.</summary>
    public Chunk? Input;

    /// <summary>How many bytes <see cref="Input"/> needs before another look is worth it.</summary>
    public int Need;

    /// <summary>The size of its last great request, in bytes: the next is awaited in a chunk of its own. 0: none is awaited.</summary>
    public int Great;

    /// <summary>After how many more reads without one none is awaited any longer.</summary>
    public int GreatReads;

    /// <summary>Replies on their way out.</summary>
    public ByteQueue Output;

    /// <summary>Whether replies are on their way out that the socket has not taken.</summary>
    public bool HasOutput => Output.Length > 0 || Tls is { HasUnsent: true };

    /// <summary>Unanswered commands, oldest first.</summary>
    public Request? Head;
    public Request? Tail;
    public int InFlight;

    /// <summary>Bytes of unanswered commands.</summary>
    public long PendingBytes;

    /// <summary>Those of them whose replies may have any size.</summary>
    public int Unsized;

    /// <summary>How many of those are allowed now.</summary>
    public int Window = FirstWindow;

    /// <summary>Bytes of replies that wait for their turn.</summary>
    public long Stashed;

    /// <summary>Takes no further command until the line is empty.</summary>
    public bool WaitsForLine;

    /// <summary>Takes no further command until something else happens: a private connection, an upload.</summary>
    public bool IsHeld;

    /// <summary>Stands in the list of those to be taken up again at the end of the turn.</summary>
    public bool IsResuming;

    /// <summary>No more comes from it; it is closed when everything has been answered.</summary>
    public bool IsEnding;

    /// <summary>When output was last taken, in milliseconds.</summary>
    public long ProgressAt;

    /// <summary>The server connection whose reading stands still until this client has read.</summary>
    public Upstream? Holds;

    /// <summary>A transaction that is being queued.</summary>
    public Transaction? Transaction;

    /// <summary>The connections that watch keys, one for each slot; null: none has been needed yet.</summary>
    public List<Upstream>? Watching;

    /// <summary>Whether keys are watched.</summary>
    public bool IsWatching => Watching is { Count: > 0 };

    /// <summary>A connection that watched keys is gone: EXEC answers as if they had changed.</summary>
    public bool HasLostWatch;

    /// <summary>The connection a blocking command waits on.</summary>
    public Upstream? BlockedOn;

    /// <summary>Waits for replicas (WAIT), or for keys of several slots.</summary>
    public bool IsWaiting;

    /// <summary>When its last write was acknowledged, in milliseconds.</summary>
    public long WroteAt;

    /// <summary>The masters it has written to since its last WAIT: bits of <see cref="Topology.Node.Index"/>, modulo 64.</summary>
    public ulong WroteTo;

    /// <summary>Is told when what it has read may have changed.</summary>
    public bool IsTracked;

    /// <summary>What it has subscribed to.</summary>
    public Subscriptions? Subscriptions;

    /// <summary>The number of the last subscription before what it publishes, while that waits for it; 0: nothing waits.</summary>
    public long PublishesAfter;

    /// <summary>How many bytes of a great value are kept, or are about to be, so that it can be sent again.</summary>
    public int Kept;

    /// <summary>A value that is passed on while it arrives.</summary>
    public Upload? Upload;

    /// <summary>The neighbours in the loop's list of clients.</summary>
    public LinkedListNode<Client>? Place;

    /// <summary>Whether the next command may be taken.</summary>
    public bool MayTake => !IsHeld && !WaitsForLine && Unsized < Window && InFlight < MaxInFlight && PendingBytes < MaxPendingBytes && Output.Length <= MaxUnread;
}
