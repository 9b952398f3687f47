using System.Net;
using RedisTopology.Sidecar.Population;
using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>Everything the sidecar is told, as read from its file: immutable; a reload makes a new one.</summary>
public sealed record SidecarOptions
{
    /// <summary>Where clients connect. Default 127.0.0.1:6379. A change needs a restart.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 6379);

    /// <summary>A Unix socket where clients may connect as well. Default none. A change needs a restart.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>Where the admin HTTP server listens. Default 127.0.0.1:8379. A change needs a restart.</summary>
    public IPEndPoint Admin { get; init; } = new(IPAddress.Loopback, 8379);

    /// <summary>Servers to learn the topology from, "host:port"; any one that answers is enough. At least one.</summary>
    public IReadOnlyList<string> Seeds { get; init; } = [];

    /// <summary>The user to authenticate to the servers as. Default none: the default user.</summary>
    public string? Username { get; init; }

    /// <summary>The file that holds the servers' password; read anew for every connection, so that a rotated one is met. Default none: no AUTH.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>The file that holds the password clients must give. Default none: clients need none.</summary>
    public string? ClientPasswordFile { get; init; }

    /// <summary>The authorities that may have issued the servers' certificates, in PEM. With it all connections to servers are TLS. Default none: plain text.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>The name that every server's certificate must be for. Default none; needed with <see cref="TlsCaFile"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The certificate that is shown to servers, in PEM. Default none.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary>Its private key, in PEM.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>The certificate that is shown to clients, in PEM. With it <see cref="Listen"/> takes TLS alone. Default none: plain text.</summary>
    public string? ListenTlsCertificateFile { get; init; }

    /// <summary>Its private key, in PEM.</summary>
    public string? ListenTlsKeyFile { get; init; }

    /// <summary>The authorities that may have issued the clients' certificates, which clients must then show. Default none: they need none.</summary>
    public string? ListenTlsClientCaFile { get; init; }

    /// <summary>Which servers reads go to. Default <see cref="ReadFrom.Replica"/>.</summary>
    public ReadFrom ReadFrom { get; init; } = ReadFrom.Replica;

    /// <summary>The zone of this sidecar, for <see cref="ReadFrom.Zone"/>. Default none.</summary>
    public string? Zone { get; init; }

    /// <summary>How fresh reads are. Default <see cref="Consistency.Session"/>.</summary>
    public Consistency Consistency { get; init; } = Consistency.Session;

    /// <summary>What becomes of a transaction whose keys are in several slots. Default <see cref="Transactions.OneSlot"/>.</summary>
    public Transactions Transactions { get; init; } = Transactions.OneSlot;

    /// <summary>A replica that is further behind than this, or has been silent for so long, is not read from. Default 10 s.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often masters and replicas are asked for their replication offsets. Default 100 ms.</summary>
    public TimeSpan OffsetPoll { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the topology is looked at when nothing calls for it, with 20 % jitter. Default 5 s.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a command waits for a shard that has no master, or says it can not serve yet, before its client gets the error. Default 10 s: longer than any election at a node timeout of 5 s that was measured.</summary>
    public TimeSpan FailoverBuffer { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many bytes of commands may wait so, over all clients. Default 16 MiB.</summary>
    public long FailoverBufferBytes { get; init; } = 16 << 20;

    /// <summary>
    /// After how long a server that owes replies and is silent is probed on a fresh connection, and given up when that fails. One that takes the connection and says nothing, as
    /// while a script runs, is given so long ten times over when it owes more than reads. Default 1 s.
    /// </summary>
    public TimeSpan UpstreamTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long connecting to a server may take. Default 1 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Commands that are refused, upper case, "NAME" or "NAME SUBCOMMAND", besides those refused by default. Default none.</summary>
    public IReadOnlySet<string> Deny { get; init; } = new HashSet<string>();

    /// <summary>Commands that are refused by default and yet allowed (FLUSHALL, FLUSHDB, KEYS...), upper case. Default none.</summary>
    public IReadOnlySet<string> Allow { get; init; } = new HashSet<string>();

    /// <summary>For a KeyRange cluster, the forms of keys that carry an id. Default none: keys are what clients write.</summary>
    public IReadOnlyList<string> KeyPatterns { get; init; } = [];

    /// <summary>The id the first tablet begins with. Default 1.</summary>
    public long FirstId { get; init; } = 1;

    /// <summary>How many ids make a tablet. Default 1,000.</summary>
    public long IdsPerTablet { get; init; } = 1_000;

    /// <summary>How many clients may be connected. Default 10,000, as Redis' own maxclients.</summary>
    public int MaxClients { get; init; } = 10_000;

    /// <summary>How many replies, in bytes, may wait for one client that does not read. Default 8 MiB.</summary>
    public int ClientBacklog { get; init; } = 8 << 20;

    /// <summary>A client that has taken none of its waiting replies for so long is disconnected. Default 60 s, as Redis' own soft limit.</summary>
    public TimeSpan ClientStall { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How many connections per server may be held for transactions with WATCH, blocking commands and subscriptions. Default 1,000.</summary>
    public int PrivateConnections { get; init; } = 1_000;

    /// <summary>How many loops (threads) serve clients. Default 1: the least CPU per command, and one serves more than one server can (ADR sidecar-loop). A change needs a restart.</summary>
    public int Loops { get; init; } = 1;

    /// <summary>How keys are populated; the first rule that matches a key wins. Default none.</summary>
    public IReadOnlyList<PopulationRule> Population { get; init; } = [];

    /// <summary>The file with the token that a push must give ("Authorization: Bearer ..."). Default none: pushes are taken from this machine alone.</summary>
    public string? PushTokenFile { get; init; }

    /// <summary>After SIGTERM, how long clients may finish what they have begun. Default 10 s.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>TLS towards the servers, of the files above; null for plain text.</summary>
    internal ServerTls? ServerTls { get; init; }

    /// <summary>TLS towards the clients, of the files above; null for plain text.</summary>
    internal ListenTls? ListenTls { get; init; }

    /// <summary>What those files held when they were read: see <see cref="TlsFiles.Fingerprint(SidecarOptions)"/>.</summary>
    internal string? TlsFingerprint { get; init; }

    /// <summary>The files of TLS, null where there is none.</summary>
    internal IEnumerable<string?> TlsPaths => [TlsCaFile, TlsCertificateFile, TlsKeyFile, ListenTlsCertificateFile, ListenTlsKeyFile, ListenTlsClientCaFile];

    /// <summary>Whether anything of TLS is set.</summary>
    internal bool UsesTls => TlsServerName is not null || TlsPaths.Any(p => p is not null);
}
