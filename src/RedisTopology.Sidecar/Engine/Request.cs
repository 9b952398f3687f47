using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Keys;
using RedisTopology.Sidecar.Population;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A command on its way: stands in its client's line, for the order of replies, and in its server's. Pooled by the loop.</summary>
internal sealed class Request
{
    public Client? Client;
    public Request? ClientNext;
    public Upstream? Upstream;
    public Request? UpstreamNext;

    /// <summary>The whole this is a piece of.</summary>
    public Request? Parent;

    /// <summary>Which piece.</summary>
    public int Part;

    /// <summary>Its bytes, kept until the reply: it may have to be sent again.</summary>
    public Chunk? Bytes;
    public int Offset;
    public int Length;

    /// <summary>The reply that waits for its turn.</summary>
    public Chunk? Reply;
    public int ReplyOffset;
    public int ReplyLength;

    /// <summary>The one server that can answer it: SCAN. Null: its slot's, or any.</summary>
    public Node? Pinned;

    public CommandInfo? Command;
    public int Slot;

    /// <summary>The number of the shard it was last sent to, for metrics; 0: any, or none.</summary>
    public int Shard;

    /// <summary>Its place among all requests of the loop: of two for one slot, the earlier is sent first.</summary>
    public long Sequence;

    /// <summary>Its size when it came, in bytes.</summary>
    public int Cost;
    public RequestFlags Flags;

    /// <summary>How often it was redirected or sent again.</summary>
    public int Attempts;

    /// <summary>Replies that still come before its own: of MULTI and what was queued.</summary>
    public int Before;

    /// <summary>How many come before its own each time it is sent.</summary>
    public int Leading;

    /// <summary>Where it was redirected to by one of the replies before its own.</summary>
    public byte[]? Redirection;

    /// <summary>When the client's bytes were read, in microseconds of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public long Started;

    /// <summary>When it first had to wait for a master, in milliseconds; 0: never.</summary>
    public long WaitingSince;

    /// <summary>When it is tried again, in milliseconds.</summary>
    public long NextTry;

    /// <summary>Where its bytes begin in all that its server was ever sent.</summary>
    public long Position;

    /// <summary>For a command of the sidecar's own that somebody waits for: who.</summary>
    public StoreCall? Call;

    /// <summary>For a parent: its pieces.</summary>
    public Pieces? Pieces;

    /// <summary>Where its reply carries keys that clients write differently.</summary>
    public KeyReply KeyReply;

    /// <summary>The pattern such keys must match.</summary>
    public byte[]? Match;

    /// <summary>For EXEC: where the replies of its commands carry such keys; null: none does.</summary>
    public List<KeyReply>? KeyReplies;

    public bool Has(RequestFlags flag) => (Flags & flag) != 0;

    public void Reset()
    {
        Client = null;
        ClientNext = UpstreamNext = Parent = null;
        Upstream = null;
        Pinned = null;
        Bytes = Reply = null;
        Command = null;
        Redirection = null;
        Pieces = null;
        Call = null;
        Match = null;
        KeyReplies = null;
        KeyReply = KeyReply.None;
        Flags = RequestFlags.None;
        Part = Offset = Length = ReplyOffset = ReplyLength = Attempts = Before = Leading = Shard = 0;
        Cost = 0;
        WaitingSince = NextTry = Position = 0;
        Slot = -1;
    }
}
