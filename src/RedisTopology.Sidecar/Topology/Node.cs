using System.Net;

namespace RedisTopology.Sidecar.Topology;

/// <summary>
/// A server of the cluster. One instance stands for one address as long as the process lives, whatever role it plays in the maps that come and go, so that
/// a loop can keep its connections in an array by <see cref="Index"/>.
/// </summary>
/// <remarks>The health members are written by the monitor's thread and read by the loops without a lock: each is one aligned word.</remarks>
public sealed class Node(int index, string host, IPEndPoint endPoint)
{
    private long _caughtUpTo;
    private long _heardAt;
    private long _wroteAt;
    private long _claim;
    private long _refusesSince;
    private long _sentOnAt;
    private volatile bool _inSync;
    private volatile string _host = host;
    private volatile string? _refusal;

    /// <summary>A dense number, never used again.</summary>
    public int Index { get; } = index;

    /// <summary>The name or address it is known by in MOVED and ASK, without the port. Until servers tell, that of the seed which led to it.</summary>
    public string Host
    {
        get => _host;
        set => _host = value;
    }

    /// <summary>Where it is reached.</summary>
    public IPEndPoint EndPoint { get; } = endPoint;

    /// <summary>The zone it runs in, when known.</summary>
    public string? Zone { get; set; }

    /// <summary>For a replica: its link to its master is up and it has loaded its data.</summary>
    public bool InSync
    {
        get => _inSync;
        set => _inSync = value;
    }

    /// <summary>For a replica: it has every write that its master acknowledged before this moment (<see cref="Environment.TickCount64"/>, milliseconds). 0: unknown.</summary>
    public long CaughtUpTo
    {
        get => Volatile.Read(ref _caughtUpTo);
        set => Volatile.Write(ref _caughtUpTo, value);
    }

    /// <summary>When it last answered the monitor (<see cref="Environment.TickCount64"/>, milliseconds). 0: never.</summary>
    public long HeardAt
    {
        get => Volatile.Read(ref _heardAt);
        set => Volatile.Write(ref _heardAt, value);
    }

    /// <summary>
    /// For a master: when a loop last sent it a write (<see cref="Environment.TickCount64"/>, milliseconds), set by the loops. Offsets are asked for often only while a
    /// replica has not passed this: nobody needs them more precisely, and a cluster of many sidecars is spared. 0: never.
    /// </summary>
    public long WroteAt
    {
        get => Volatile.Read(ref _wroteAt);
        set => Volatile.Write(ref _wroteAt, value);
    }

    /// <summary>For a master: the newest configuration epoch under which it is known to claim its slots. A new one comes with slots that it takes from another master. 0: unknown.</summary>
    public long Claim
    {
        get => Volatile.Read(ref _claim);
        set => Volatile.Write(ref _claim, value);
    }

    /// <summary>
    /// For a master: since when no loop has been able to open a connection to it (<see cref="Environment.TickCount64"/>, milliseconds), set by the loops, which go on trying. 0: the last attempt
    /// was taken, or there was none. The monitor's own connection may be an old one, and tells nothing of this.
    /// </summary>
    public long RefusesSince
    {
        get => Volatile.Read(ref _refusesSince);
        set => Volatile.Write(ref _refusesSince, value);
    }

    /// <summary>Why the last attempt of a loop to open a connection failed, or why an open one was lost; null when it has been taken since.</summary>
    public string? Refusal
    {
        get => _refusal;
        set => _refusal = value;
    }

    /// <summary>
    /// For a master: when it last sent a loop on to another for a key that has gone over (<see cref="Environment.TickCount64"/>, milliseconds), set by the loops. It is asked then which slots
    /// are open: whoever moves them may not have announced it. 0: never.
    /// </summary>
    public long SentOnAt
    {
        get => Volatile.Read(ref _sentOnAt);
        set => Volatile.Write(ref _sentOnAt, value);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Host}:{EndPoint.Port}";
}
