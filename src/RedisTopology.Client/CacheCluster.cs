using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Caching.Hybrid;
using RedisTopology.Core.Keys;
using RedisTopology.Population;
using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>The cache: keys and values here, the protocol in <see cref="Populator"/>, the commands in <see cref="RedisPopulationStore"/>.</summary>
internal sealed partial class CacheCluster : ICacheCluster, IDisposable
{
    private readonly ClusterConnection _connection;
    private readonly KeyMapping _keys;
    private readonly ICacheSerializer _serializer;
    private readonly HybridCache? _local;
    private readonly ClientDiagnostics _diagnostics;
    private readonly RedisPopulationStore _store;
    private readonly Pusher _pusher;
    private readonly Dictionary<string, (CachePolicy Policy, Populator Populator)> _policies = new(StringComparer.Ordinal);

    public CacheCluster(CacheClusterOptions options, ClusterConnection connection, KeyMapping keys, HybridCache? local, IMeterFactory? meters, TimeProvider time)
    {
        (_connection, _keys, _serializer, _local) = (connection, keys, options.SerializerOrJson(), local);
        _store = new(connection, isSession: true);
        _pusher = new(new RedisPopulationStore(connection, isSession: false), time);
        _diagnostics = new(meters, options.RevealKeys, time);
        foreach (var policy in options.Policies)
        {
            if (policy.LocalTtl > TimeSpan.Zero && local is null)
                throw new InvalidOperationException($"The policy \"{policy.Name}\" keeps values in the process, and there is no HybridCache: call services.AddHybridCache() of Microsoft.Extensions.Caching.Hybrid");
            var populator = new Populator(_store, policy.Population, time);
            _policies.Add(policy.Name, (policy, populator));
            _diagnostics.Publish(policy.Name, populator.Counters);
        }
    }

    public IDatabase Database => _connection.Database;

    public RedisKey KeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _keys.ToPhysical(key);
    }

    public PopulationCounters CountersOf(string? policy = null) => Find(policy).Populator.Counters;

    public void Dispose()
    {
        foreach (var (_, populator) in _policies.Values)
            populator.Dispose();
        _diagnostics.Dispose();
    }

    private (CachePolicy Policy, Populator Populator) Find(string? policy) => _policies.TryGetValue(policy ?? CacheClusterOptions.DefaultPolicyName, out var found)
        ? found
        : throw new ArgumentException($"There is no policy \"{policy}\"; there are {string.Join(", ", _policies.Keys.Order(StringComparer.Ordinal))}", nameof(policy));

    private byte[] Physical(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        var bytes = Encoding.UTF8.GetBytes(key);
        return _keys.IsKeyRange ? _keys.ToPhysical(bytes) : bytes;
    }

    // HybridCache belongs to the application, which may have keys of its own there.
    private static string LocalKey(string key) => "cachecluster:" + key;

    private ValueTask ForgetAsync(string key) => _local is null ? default : _local.RemoveAsync(LocalKey(key));
}
