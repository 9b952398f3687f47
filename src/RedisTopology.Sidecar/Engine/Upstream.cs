using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A connection to a server.</summary>
internal sealed class Upstream(Node node, int protocol, bool isReplica) : Endpoint
{
    public Node Node { get; } = node;

    /// <summary>2 or 3.</summary>
    public int Protocol { get; } = protocol;

    /// <summary>Said CLIENT TRACKING ON: its server tells on it of changed keys that were read on it.</summary>
    public bool IsTracking { get; init; }

    /// <summary>Said READONLY.</summary>
    public bool IsReplica { get; } = isReplica;

    public bool IsConnected;

    /// <summary>Greeted successfully: a further failure is not one of the address or the password.</summary>
    public bool IsGreeted;

    /// <summary>Bytes to be sent, from the chunk that is being sent on.</summary>
    public Chunk? SendHead;
    public Chunk? SendTail;

    /// <summary>How many bytes have been sent, ever.</summary>
    public long Sent;

    /// <summary>How many bytes were queued, ever.</summary>
    public long Queued;

    /// <summary>Requests that owe a reply, oldest first.</summary>
    public Request? Head;
    public Request? Tail;
    public int InFlight;

    /// <summary>Bytes that make no whole reply yet.</summary>
    public Chunk? Input;

    /// <summary>A reply that is passed on while it arrives.</summary>
    public ReplyScanner Stream;

    /// <summary>When it was made, or last heard while it owed replies, in milliseconds.</summary>
    public long HeardAt;

    /// <summary>A probe of its server is under way.</summary>
    public bool IsProbed;

    /// <summary>The silent connection whose server this one probes.</summary>
    public Upstream? ProbeOf;

    /// <summary>The passwords it was given and has not answered to yet.</summary>
    public ReadOnlyMemory<string> Passwords;

    /// <summary>It has taken one of them.</summary>
    public bool HasTakenPassword;

    /// <summary>How many bytes of the greeting may be sent by now, and how many replies it still owes.</summary>
    public long Greeting;
    public int GreetingsOwed;

    /// <summary>Up to where it may be sent then, each after the answer to one more password.</summary>
    public readonly Queue<long> GreetingStops = new();

    /// <summary>Not used for further requests: its replies are read at the pace of one client.</summary>
    public bool IsDetached;

    /// <summary>The client whose pace that is.</summary>
    public Client? HeldFor;

    /// <summary>Since when, in milliseconds.</summary>
    public long HeldSince;

    /// <summary>The one client it serves.</summary>
    public Client? Owner;

    /// <summary>Made for one client at a time.</summary>
    public bool IsPrivate;

    /// <summary>The slot whose keys are watched on it, or are about to be; -1: none.</summary>
    public int WatchedSlot = -1;

    /// <summary>Keys are watched on it.</summary>
    public bool Watches;

    /// <summary>The request that is under way ends the watching.</summary>
    public bool EndsWatch;

    /// <summary>Carries subscriptions: what comes is pushed.</summary>
    public bool IsSubscriber;

    /// <summary>When it became idle, in milliseconds.</summary>
    public long IdleSince;
}
