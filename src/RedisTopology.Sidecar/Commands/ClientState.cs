namespace RedisTopology.Sidecar.Commands;

/// <summary>What the sidecar remembers of one client. Its loop writes it; what CLIENT LIST shows may be read by others, and be a moment old.</summary>
/// <param name="id">Its number, never used again while the process lives.</param>
/// <param name="descriptor">The descriptor of its connection; -1: none.</param>
public sealed class ClientState(long id, int descriptor)
{
    /// <summary>Its number, never used again while the process lives.</summary>
    public long Id { get; } = id;

    /// <summary>The descriptor of its connection; -1: none.</summary>
    public int Descriptor { get; } = descriptor;

    /// <summary>Where it comes from: "127.0.0.1:50000", or the Unix socket's path and ":0". Default "".</summary>
    public string Address { get; init; } = "";

    /// <summary>What it connected to, likewise. Default "".</summary>
    public string LocalAddress { get; init; } = "";

    /// <summary>When it connected (<see cref="Environment.TickCount64"/>, milliseconds).</summary>
    public long ConnectedAt { get; init; } = Environment.TickCount64;

    /// <summary>When it last sent a command (<see cref="Environment.TickCount64"/>, milliseconds).</summary>
    public long LastCommandAt { get; set; } = Environment.TickCount64;

    /// <summary>CLIENT SETNAME. Default "": none.</summary>
    public string Name { get; set; } = "";

    /// <summary>CLIENT SETINFO LIB-NAME. Default "": none.</summary>
    public string LibraryName { get; set; } = "";

    /// <summary>CLIENT SETINFO LIB-VER. Default "": none.</summary>
    public string LibraryVersion { get; set; } = "";

    /// <summary>2 or 3. Default 2.</summary>
    public int Protocol { get; set; } = 2;

    /// <summary>Whether it must authenticate before it may send any command without <see cref="CommandTraits.BeforeAuth"/>.</summary>
    public bool NeedsPassword { get; set; }

    /// <summary>READWRITE: its reads go to masters. READONLY takes it back. Default false.</summary>
    public bool ReadsFromMaster { get; set; }

    /// <summary>What it asked for with CLIENT TRACKING. Default: nothing.</summary>
    public Tracking Tracking { get; set; }

    /// <summary>The replies it wants.</summary>
    public ReplyMode Replies { get; set; }

    /// <summary>Set by the engine: how many channels, patterns and shard channels it is subscribed to.</summary>
    public (int Channels, int Patterns, int ShardChannels) Subscriptions { get; set; }

    /// <summary>Set by the engine: how many commands MULTI has queued; -1 outside of MULTI.</summary>
    public int Queued { get; set; } = -1;

    /// <summary>Set by the engine: it waits in a blocking command.</summary>
    public bool Blocked { get; set; }

    /// <summary>Set by QUIT and CLIENT KILL of itself: to be closed once the replies written so far are sent.</summary>
    public bool IsQuitting { get; set; }

    /// <summary>Whether it has any subscription.</summary>
    public bool IsSubscribed => Subscriptions is not (0, 0, 0);

    /// <summary>Whether nothing about it is unusual: it may send any command and wants the replies.</summary>
    public bool IsPlain => !NeedsPassword && Replies == ReplyMode.On;

    /// <summary>Whether the reply to the command that is being taken is thrown away.</summary>
    public bool IsSilent => Replies is ReplyMode.Off or ReplyMode.Skipping;

    /// <summary>To be called before a command is taken.</summary>
    public void BeginCommand()
    {
        if (Replies == ReplyMode.SkipNext)
            Replies = ReplyMode.Skipping;
    }

    /// <summary>To be called after a command has been taken, or put off.</summary>
    /// <param name="taken">False when it will be offered again.</param>
    public void EndCommand(bool taken)
    {
        if (Replies == ReplyMode.Skipping)
            Replies = taken ? ReplyMode.On : ReplyMode.SkipNext;
    }
}
