using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

namespace RedisTopology.Bench.Population;

/// <summary>Microsoft's HybridCache over its own Redis store, with or without its first level in the process.</summary>
internal sealed class HybridContender : IContender
{
    private readonly ServiceProvider _services;
    private readonly HybridCache _cache;
    private readonly OriginClient _origin;
    private readonly HybridCacheEntryOptions _options;

    public HybridContender(string seeds, OriginClient origin, bool isLocal)
    {
        _origin = origin;
        var services = new ServiceCollection();
        services.AddStackExchangeRedisCache(o => o.Configuration = seeds);
        services.AddHybridCache();
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<HybridCache>();
        _options = new() { Expiration = TimeSpan.FromMinutes(10), Flags = isLocal ? HybridCacheEntryFlags.None : HybridCacheEntryFlags.DisableLocalCache };
    }

    public ValueTask<long> ReadAsync(string key) => _cache.GetOrCreateAsync(key, async cancel => await _origin.ReadAsync(key, cancel), _options);

    public async ValueTask<long> WriteAsync(string key)
    {
        var written = await _origin.RaiseAsync(key);
        await _cache.RemoveAsync(key);
        return written;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
