using System.Collections.Concurrent;
using RedisTopology.Operator.Manifests;
using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>
/// The pooled connections to the servers of every cluster: one multiplexer per cluster, opened anew when its pods, their containers, its password or its authorities change.
/// It is also how a restarted server is reached at once: no old back-off applies to it.
/// </summary>
internal sealed class RedisConnections : IAsyncDisposable
{
    /// <summary>How long a connection attempt, and any one command, may take. Longer than a busy server's worst command, shorter than the interval of observations.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<ObjectKey, Entry> _clusters = new();

    /// <summary>A server of a cluster answers that could not be reached before, or has ended a connection. Raised from the library's own threads: be quick.</summary>
    public event Action<ObjectKey>? News;

    /// <summary>The connections of a cluster.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="password">Its password.</param>
    /// <param name="trust">How its servers are verified; null when they do not speak TLS.</param>
    /// <param name="endpoints">The pods that may answer: address and an id of the running container.</param>
    /// <returns>The connections; servers that cannot be reached are simply not connected.</returns>
    public async Task<RedisSession> OpenAsync(ObjectKey cluster, string password, ServerTrust? trust, IReadOnlyCollection<(string Address, string Container)> endpoints)
    {
        var key = password + "\n" + trust?.Authorities + "\n" + string.Join('\n', endpoints.Select(e => $"{e.Address} {e.Container}").Order(StringComparer.Ordinal));
        if (_clusters.TryGetValue(cluster, out var existing) && existing.Key == key)
            return existing.Session;

        var options = Options(password, trust);
        foreach (var (address, _) in endpoints)
            options.EndPoints.Add(RedisEndpoint.Of(address));

        var session = endpoints.Count == 0 ? RedisSession.None : new RedisSession(await ConnectionMultiplexer.ConnectAsync(options), options, trust, () => News?.Invoke(cluster));
        var entry = new Entry(key, session);
        Entry? replaced = null;
        _clusters.AddOrUpdate(cluster, entry, (_, old) =>
        {
            replaced = old;
            return entry;
        });
        if (replaced is not null)
            await replaced.Session.DisposeAsync();
        return session;
    }

    /// <summary>A connection to one server that is not among the pooled ones; the caller closes it.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="password">A password it may accept.</param>
    /// <param name="trust">How it is verified; null when it does not speak TLS.</param>
    /// <returns>The connection; it may not be connected.</returns>
    public static async Task<RedisSession> OpenOneAsync(string address, string password, ServerTrust? trust)
    {
        var options = Options(password, trust);
        options.EndPoints.Add(RedisEndpoint.Of(address));
        return new RedisSession(await ConnectionMultiplexer.ConnectAsync(options), options, trust, () => { });
    }

    /// <summary>The connections of a cluster as last opened, or none.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <returns>The connections.</returns>
    public RedisSession Current(ObjectKey cluster) => _clusters.TryGetValue(cluster, out var entry) ? entry.Session : RedisSession.None;

    /// <summary>Closes the connections of a cluster that is gone.</summary>
    /// <param name="cluster">The cluster.</param>
    public async Task CloseAsync(ObjectKey cluster)
    {
        if (_clusters.TryRemove(cluster, out var entry))
            await entry.Session.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var cluster in _clusters.Keys)
            await CloseAsync(cluster);
    }

    private static ConfigurationOptions Options(string password, ServerTrust? trust) => new()
    {
        ClientName = Labels.Manager,
        Password = password,
        Ssl = trust is not null,
        SslClientAuthenticationOptions = trust is null ? null : _ => trust.Options(),
        // RESP3 would mark texts such as that of CLUSTER NODES as verbatim strings, with a prefix of their own.
        Protocol = RedisProtocol.Resp2,
        AbortOnConnectFail = false,
        AllowAdmin = true,
        ConnectTimeout = (int)Timeout.TotalMilliseconds,
        AsyncTimeout = (int)Timeout.TotalMilliseconds,
        SyncTimeout = (int)Timeout.TotalMilliseconds,
        ConnectRetry = 0,
        BacklogPolicy = BacklogPolicy.FailFast,
        ReconnectRetryPolicy = new ReconnectPolicy(),
        HeartbeatInterval = TimeSpan.FromMilliseconds(500),
        TieBreaker = "",
        ConfigurationChannel = "",
        ConfigCheckSeconds = 3600,
        SetClientLibrary = false,
        // Nothing is subscribed to: no second connection per server.
        CommandMap = CommandMap.Create(new HashSet<string> { "SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE" }, available: false),
    };

    private sealed record Entry(string Key, RedisSession Session);
}
