using StackExchange.Redis;

namespace RedisTopology.Bench.Population;

/// <summary>Cache-aside as it is usually written by hand: GET, else ask and SET; after a write of the database, DEL.</summary>
internal sealed class AsideContender(string seeds, OriginClient origin) : IContender
{
    private readonly ConnectionMultiplexer _redis = ConnectionMultiplexer.Connect(seeds);

    public async ValueTask<long> ReadAsync(string key)
    {
        var value = await _redis.GetDatabase().StringGetAsync(key);
        if (!value.IsNull)
            return (long)value;
        var loaded = await origin.ReadAsync(key);
        await _redis.GetDatabase().StringSetAsync(key, loaded, TimeSpan.FromMinutes(10));
        return loaded;
    }

    public async ValueTask<long> WriteAsync(string key)
    {
        var written = await origin.RaiseAsync(key);
        await _redis.GetDatabase().KeyDeleteAsync(key);
        return written;
    }

    public ValueTask DisposeAsync() => _redis.DisposeAsync();
}
