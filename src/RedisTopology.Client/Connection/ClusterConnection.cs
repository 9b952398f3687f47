using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>The connection, made at first use, and what it leads to: a sidecar, which does everything by itself, or a cluster whose replicas are to be read.</summary>
internal sealed class ClusterConnection : IAsyncDisposable
{
    private readonly CacheClusterOptions _options;
    private readonly TimeProvider _time;
    private readonly Lazy<IConnectionMultiplexer> _multiplexer;
    private readonly Lazy<IConnectionMultiplexer> _waiting;
    private readonly Lazy<ReplicationWatch> _watch;
    private readonly Lazy<MoveWatch> _moves;
    private volatile bool _isCluster;

    public ClusterConnection(CacheClusterOptions options, TimeProvider time)
    {
        options.Validate();
        (_options, _time) = (options, time);
        _multiplexer = new(() => options.Connection ?? Connect());
        _waiting = new(Connect);
        _watch = new(() => new ReplicationWatch(Multiplexer, options.SessionLimit, _time));
        _moves = new(() => new MoveWatch(Multiplexer, _time));
    }

    public IConnectionMultiplexer Multiplexer => _multiplexer.Value;

    /// <summary>A second connection, for commands that make those behind them wait.</summary>
    public IConnectionMultiplexer Waiting => _waiting.Value;

    public IDatabase Database => Multiplexer.GetDatabase();

    /// <summary>Whether it leads straight to a cluster. While no server has answered it counts as none.</summary>
    public bool IsCluster => _isCluster || (_isCluster = Multiplexer.GetServers().Any(s => s.IsConnected && s.ServerType == ServerType.Cluster));

    /// <summary>Where a key is to be read.</summary>
    public CommandFlags ReadFlags(RedisKey key)
    {
        if (!IsCluster)
            return CommandFlags.None;
        return _options.Consistency switch
        {
            CacheConsistency.Master => CommandFlags.DemandMaster,
            CacheConsistency.Session when _watch.IsValueCreated && _watch.Value.Written.Contains(key) => CommandFlags.DemandMaster,
            _ when _moves.Value.Holds(key) => CommandFlags.DemandMaster,
            _ => CommandFlags.PreferReplica,
        };
    }

    /// <summary>A key was written, and is to be read from the master for a while.</summary>
    public void NoteWrite(RedisKey key)
    {
        if (_options.Consistency == CacheConsistency.Session && IsCluster)
            _watch.Value.Note(key);
    }

    public async ValueTask DisposeAsync()
    {
        if (_watch.IsValueCreated)
            await _watch.Value.DisposeAsync().ConfigureAwait(false);
        if (_moves.IsValueCreated)
            await _moves.Value.DisposeAsync().ConfigureAwait(false);
        if (_waiting.IsValueCreated)
            await _waiting.Value.DisposeAsync().ConfigureAwait(false);
        if (_multiplexer.IsValueCreated && _options.Connection is null)
            await _multiplexer.Value.DisposeAsync().ConfigureAwait(false);
    }

    private ConnectionMultiplexer Connect()
    {
        var configuration = _options.Connection is { } given ? ConfigurationOptions.Parse(given.Configuration) : ConfigurationOptions.Parse(_options.Configuration);
        // A cache that is not there yet must not keep the application from starting.
        configuration.AbortOnConnectFail = false;
        // Or a timeout's message has the key in it.
        configuration.IncludeDetailInExceptions = _options.RevealKeys;
        if (_options.PasswordFile is { } file)
            configuration.Password = File.ReadAllText(file).Trim();
        _options.ConfigureConnection?.Invoke(configuration);
        return ConnectionMultiplexer.Connect(configuration);
    }
}
