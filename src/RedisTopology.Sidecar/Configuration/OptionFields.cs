using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Population;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>Every option there is, in the order of the documentation: the file, the flags and docs/reference are made from this table.</summary>
internal static class OptionFields
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Hour = TimeSpan.FromHours(1), Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>All options.</summary>
    public static IReadOnlyList<OptionField> All { get; } =
    [
        new OptionField<IReadOnlyList<string>>("seeds", OptionTypes.Servers, o => o.Seeds, (o, v) => o with { Seeds = v },
            "Servers to learn the topology from; any one that answers is enough. A name stands for all its addresses, so the headless Service of a cluster will do. At least one; without a port, 6379.") { DefaultText = "required" },
        new OptionField<System.Net.IPEndPoint>("listen", OptionTypes.EndPoint, o => o.Listen, (o, v) => o with { Listen = v },
            "Where clients connect. `*:6379` is every address of the machine, `6379` alone is loopback.") { NeedsRestart = true },
        new OptionField<string?>("unixSocket", OptionTypes.SocketPath, o => o.UnixSocket, (o, v) => o with { UnixSocket = v },
            "A Unix socket where clients may connect as well.") { NeedsRestart = true },
        new OptionField<System.Net.IPEndPoint>("admin", OptionTypes.EndPoint, o => o.Admin, (o, v) => o with { Admin = v },
            "Where `/livez`, `/readyz`, `/metrics` and `/topology` are served. They show no keys and no values.") { NeedsRestart = true },
        new OptionField<string?>("username", OptionTypes.Text, o => o.Username, (o, v) => o with { Username = v },
            "The user to authenticate to the servers as. None: their default user."),
        new OptionField<string?>("passwordFile", OptionTypes.Path, o => o.PasswordFile, (o, v) => o with { PasswordFile = v },
            "The file with the servers' password, as a Secret is mounted. Read anew for every connection, so that a rotated password is met."),
        new OptionField<string?>("clientPasswordFile", OptionTypes.Path, o => o.ClientPasswordFile, (o, v) => o with { ClientPasswordFile = v },
            "The file with the password that clients must give, as a Secret is mounted. None: clients need none. Read anew every second: a rotated password is for new clients, those that have given the old one stay."),
        new OptionField<string?>("tls.caFile", OptionTypes.Path, o => o.TlsCaFile, (o, v) => o with { TlsCaFile = v },
            "The authorities that may have issued the servers' certificates, one or several, in PEM. With it all connections to servers are TLS, 1.2 or newer, and verified against these authorities alone. Read anew every second; connections that are open stay."),
        new OptionField<string?>("tls.serverName", OptionTypes.Text, o => o.TlsServerName, (o, v) => o with { TlsServerName = v },
            "The name that every server's certificate must be for, such as `blog-cache.shop.svc`: servers are connected to by address. Needed with `tls.caFile`."),
        new OptionField<string?>("tls.certificateFile", OptionTypes.Path, o => o.TlsCertificateFile, (o, v) => o with { TlsCertificateFile = v },
            "The certificate that is shown to servers that ask for one, in PEM, with those of its intermediate authorities after it. Needs `tls.keyFile`. Read anew every second."),
        new OptionField<string?>("tls.keyFile", OptionTypes.Path, o => o.TlsKeyFile, (o, v) => o with { TlsKeyFile = v },
            "The private key of `tls.certificateFile`, in PEM, not encrypted."),
        new OptionField<string?>("listenTls.certificateFile", OptionTypes.Path, o => o.ListenTlsCertificateFile, (o, v) => o with { ListenTlsCertificateFile = v },
            "The certificate that is shown to clients, in PEM, with those of its intermediate authorities after it. With it clients at `listen` must speak TLS, 1.2 or newer; at `unixSocket` they never do. Needs `listenTls.keyFile`. Read anew every second; clients that are connected stay."),
        new OptionField<string?>("listenTls.keyFile", OptionTypes.Path, o => o.ListenTlsKeyFile, (o, v) => o with { ListenTlsKeyFile = v },
            "The private key of `listenTls.certificateFile`, in PEM, not encrypted."),
        new OptionField<string?>("listenTls.clientCaFile", OptionTypes.Path, o => o.ListenTlsClientCaFile, (o, v) => o with { ListenTlsClientCaFile = v },
            "The authorities that may have issued the clients' certificates, in PEM: clients must then show one. None: they need none."),
        new OptionField<ReadFrom>("readFrom", OptionTypes.Choice<ReadFrom>(), o => o.ReadFrom, (o, v) => o with { ReadFrom = v },
            "Where reads go. `Replica`: to a replica that is in sync, else to the master. `Any`: to the master or such a replica, in turn. `Zone`: to a server of this sidecar's own zone, else as `Replica`."),
        new OptionField<string?>("zone", OptionTypes.Text, o => o.Zone, (o, v) => o with { Zone = v },
            "The zone of this sidecar, for `readFrom: Zone`."),
        new OptionField<Consistency>("consistency", OptionTypes.Choice<Consistency>(), o => o.Consistency, (o, v) => o with { Consistency = v },
            "How fresh reads are. `Session`: a key written through this sidecar is read from the master until the replicas have the write. `Eventual`: a read may miss any recent write. `Master`: every read goes to the master."),
        new OptionField<Transactions>("transactions", OptionTypes.Choice<Transactions>(), o => o.Transactions, (o, v) => o with { Transactions = v },
            "What becomes of a transaction whose keys are in several slots. `OneSlot`: refused with `CROSSSLOT`. `PerSlot`: one transaction for each slot, so all or nothing holds for each slot by itself; for libraries that put `MULTI` around every pipeline. With `WATCH` the slots it watches come first, and the others only when none of its keys has changed."),
        new OptionField<TimeSpan>("maxLag", OptionTypes.Duration(Tick, Hour), o => o.MaxLag, (o, v) => o with { MaxLag = v },
            "A replica that is further behind than this, or has been silent for so long, is not read from."),
        new OptionField<TimeSpan>("offsetPoll", OptionTypes.Duration(Tick, TimeSpan.FromSeconds(1)), o => o.OffsetPoll, (o, v) => o with { OffsetPoll = v },
            "How often servers are asked for their replication offsets, and for slots whose move is announced: at least once a second, as moves begin 2.5 s after they were announced."),
        new OptionField<TimeSpan>("refresh", OptionTypes.Duration(TimeSpan.FromMilliseconds(100), Hour), o => o.Refresh, (o, v) => o with { Refresh = v },
            "How often the topology is looked at when nothing calls for it, with 20 % jitter."),
        new OptionField<TimeSpan>("failoverBuffer", OptionTypes.Duration(TimeSpan.Zero, Hour), o => o.FailoverBuffer, (o, v) => o with { FailoverBuffer = v },
            "How long a command waits for a shard that has no master, or says it can not serve yet, before its client gets the error. To outlast a failover it must be longer than the servers' `cluster-node-timeout` (15 s in a stock redis.conf) by about five seconds."),
        new OptionField<long>("failoverBufferBytes", OptionTypes.Size(0, 1L << 40), o => o.FailoverBufferBytes, (o, v) => o with { FailoverBufferBytes = v },
            "How many bytes of commands may wait so, over all clients."),
        new OptionField<TimeSpan>("upstreamTimeout", OptionTypes.Duration(Tick, Hour), o => o.UpstreamTimeout, (o, v) => o with { UpstreamTimeout = v },
            "After how long a server that owes replies and is silent is probed on a fresh connection, and given up when that fails. " +
            "One that takes the connection and says nothing, as while a script runs, is given so long ten times over when it owes more than reads."),
        new OptionField<TimeSpan>("connectTimeout", OptionTypes.Duration(Tick, Hour), o => o.ConnectTimeout, (o, v) => o with { ConnectTimeout = v },
            "How long connecting to a server may take."),
        new OptionField<IReadOnlySet<string>>("deny", OptionTypes.Commands, o => o.Deny, (o, v) => o with { Deny = v },
            "Commands that are refused besides those refused by default: `NAME`, or `NAME SUBCOMMAND`."),
        new OptionField<IReadOnlySet<string>>("allow", OptionTypes.Commands, o => o.Allow, (o, v) => o with { Allow = v },
            "Commands that are refused by default and yet allowed, such as `FLUSHALL`."),
        new OptionField<IReadOnlyList<string>>("keyPatterns", OptionTypes.Texts, o => o.KeyPatterns, (o, v) => o with { KeyPatterns = v },
            "Before a cluster of mode `KeyRange`, and exactly as in its `spec.sharding.keyRange.patterns`: the forms of keys that carry an id, such as `user:{id}`."),
        new OptionField<long>("firstId", OptionTypes.Number(0, KeyPattern.MaxId), o => o.FirstId, (o, v) => o with { FirstId = v },
            "With `keyPatterns`, the `first` of that cluster: the id its first tablet begins with."),
        new OptionField<long>("idsPerTablet", OptionTypes.Number(1, Tablets.MaxGranularity), o => o.IdsPerTablet, (o, v) => o with { IdsPerTablet = v },
            "With `keyPatterns`, the `granularity` of that cluster: how many ids make a tablet."),
        new OptionField<int>("maxClients", OptionTypes.Count(1, 1_000_000), o => o.MaxClients, (o, v) => o with { MaxClients = v },
            "How many clients may be connected. As Redis' own `maxclients`."),
        new OptionField<long>("clientBacklog", OptionTypes.Size(64 << 10, 1 << 30), o => o.ClientBacklog, (o, v) => o with { ClientBacklog = (int)v },
            "How many bytes of replies may wait for one client that does not read."),
        new OptionField<TimeSpan>("clientStall", OptionTypes.Duration(TimeSpan.FromSeconds(1), Day), o => o.ClientStall, (o, v) => o with { ClientStall = v },
            "A client that has taken none of its waiting replies for so long is disconnected."),
        new OptionField<int>("privateConnections", OptionTypes.Count(1, 100_000), o => o.PrivateConnections, (o, v) => o with { PrivateConnections = v },
            "How many connections per server may be held for transactions with `WATCH`, blocking commands and subscriptions."),
        new OptionField<int>("loops", OptionTypes.Count(1, 64), o => o.Loops, (o, v) => o with { Loops = v },
            "How many threads serve clients.") { NeedsRestart = true },
        new OptionField<IReadOnlyList<PopulationRule>>("population", PopulationRuleReader.Type, o => o.Population, (o, v) => o with { Population = v },
            "How keys are populated from their origin: a list of rules, each `{match: \"blog:{id}\", lazy: {origin: \"http://blog-api/blogs/{id}\", ttl: 10m}}` or with `writeThrough` in place of `lazy`. The first that matches a key wins. See docs/guides/population.md."),
        new OptionField<string?>("pushTokenFile", OptionTypes.Path, o => o.PushTokenFile, (o, v) => o with { PushTokenFile = v },
            "The file with the token that `POST /v1/push` asks for. None: pushes are taken from loopback alone."),
        new OptionField<TimeSpan>("drain", OptionTypes.Duration(TimeSpan.Zero, Hour), o => o.Drain, (o, v) => o with { Drain = v },
            "After SIGTERM, how long clients may finish what they have begun."),
    ];

    /// <summary>The option of a key.</summary>
    /// <param name="key">The key, exactly.</param>
    /// <returns>The option, or null.</returns>
    public static OptionField? Find(string key) => All.FirstOrDefault(f => f.Key == key);
}
