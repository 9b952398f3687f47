using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;
using ZiggyCreatures.Caching.Fusion.Locking.Distributed.Redis;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace RedisTopology.Bench.Population;

/// <summary>FusionCache over Microsoft's Redis store with its backplane, with or without its distributed lock.</summary>
internal sealed class FusionContender : IContender
{
    private readonly ServiceProvider _services;
    private readonly IFusionCache _cache;
    private readonly OriginClient _origin;

    public FusionContender(string seeds, OriginClient origin, bool isLocked)
    {
        _origin = origin;
        var services = new ServiceCollection();
        var fusion = services.AddFusionCache()
            .WithDefaultEntryOptions(new FusionCacheEntryOptions(TimeSpan.FromMinutes(10)))
            .WithSerializer(new FusionCacheSystemTextJsonSerializer())
            .WithDistributedCache(new RedisCache(new RedisCacheOptions { Configuration = seeds }))
            .WithBackplane(new RedisBackplane(new RedisBackplaneOptions { Configuration = seeds }));
        if (isLocked)
            fusion.WithDistributedLocker(new RedisDistributedLocker(new RedisDistributedLockerOptions { Configuration = seeds }));
        _services = services.BuildServiceProvider();
        _cache = _services.GetRequiredService<IFusionCache>();
    }

    public async ValueTask<long> ReadAsync(string key) => await _cache.GetOrSetAsync<long>(key, async (_, cancel) => await _origin.ReadAsync(key, cancel));

    public async ValueTask<long> WriteAsync(string key)
    {
        var written = await _origin.RaiseAsync(key);
        await _cache.SetAsync(key, written);
        return written;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
