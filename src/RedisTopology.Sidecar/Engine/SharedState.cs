using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Population;

namespace RedisTopology.Sidecar.Engine;

/// <summary>What all loops share: each member is safe for them to use at once.</summary>
internal sealed class SharedState
{
    private volatile LocalFacts _facts = new();
    private readonly Lock _describing = new();
    private long _clients;
    private long _clientId;
    private long _waitingBytes;
    private long _keptBytes;

    /// <summary>Begins with nothing known of the servers.</summary>
    public SharedState()
    {
        Local = new(() => _facts, Directory);
        Scan = new(Moves);
    }

    /// <summary>The rules by which keys are populated; null where there is nobody to do it.</summary>
    public PopulationService? Population { get; init; }

    /// <summary>All clients.</summary>
    public ClientDirectory Directory { get; } = new();

    /// <summary>The commands that no server is asked for.</summary>
    public LocalCommands Local { get; }

    /// <summary>When slots moved, as far as it was seen.</summary>
    public SlotMoves Moves { get; } = new(TimeProvider.System);

    /// <summary>SCAN.</summary>
    public ScanWalk Scan { get; }

    /// <summary>Whether a server has said what it is.</summary>
    public bool KnowsServers { get; private set; }

    /// <summary>When each slot was last written.</summary>
    public WriteClock Writes { get; } = new();

    /// <summary>Subscriptions that are still to be confirmed.</summary>
    public Confirmations Confirmations { get; } = new();

    /// <summary>The bodies of Lua scripts that clients have shown, by their SHA1.</summary>
    public ScriptCache Scripts { get; } = new();

    /// <summary>What clients must authenticate with; null: they need not.</summary>
    public string? Password { get; private set; }

    /// <summary>What local answers tell of the sidecar.</summary>
    /// <param name="options">The options in force.</param>
    /// <param name="port">The port clients connect to.</param>
    /// <param name="password">What clients must authenticate with; null: they need not.</param>
    public void Describe(SidecarOptions options, int port, string? password)
    {
        Password = password;
        lock (_describing)
            _facts = _facts with { Port = port, MaxClients = options.MaxClients, ClientPassword = password is null ? null : Encoding.UTF8.GetBytes(password) };
    }

    /// <summary>A server has said what it is. The first to do so speaks for all.</summary>
    /// <param name="server">"redis" or "valkey".</param>
    /// <param name="version">Its version.</param>
    public void Learned(string server, string version)
    {
        if (KnowsServers)
            return;
        // Every Valkey says it is compatible with this version of Redis.
        lock (_describing)
            _facts = _facts with { Server = server, Version = version, RedisVersion = server == "valkey" ? "7.2.4" : null };
        KnowsServers = true;
    }

    /// <summary>Clients connected now.</summary>
    public long Clients => Volatile.Read(ref _clients);

    /// <summary>The next client's number.</summary>
    public long NextClientId() => Interlocked.Increment(ref _clientId);

    public long Count(int clients) => Interlocked.Add(ref _clients, clients);

    /// <summary>Bytes of commands that wait for a master, over all loops.</summary>
    public long Waiting(long bytes) => Interlocked.Add(ref _waitingBytes, bytes);

    /// <summary>Bytes of great values that are kept so that they can be sent again, over all loops.</summary>
    public long Keeping(long bytes) => Interlocked.Add(ref _keptBytes, bytes);
}
