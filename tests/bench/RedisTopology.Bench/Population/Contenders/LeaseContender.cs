using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Client;

namespace RedisTopology.Bench.Population;

/// <summary>This project's library, straight to the cluster.</summary>
internal sealed class LeaseContender : IContender
{
    private readonly ServiceProvider _services;
    private readonly ICacheCluster _cache;
    private readonly OriginClient _origin;
    private readonly bool _writesThrough;

    public LeaseContender(string seeds, OriginClient origin, bool writesThrough)
    {
        (_origin, _writesThrough) = (origin, writesThrough);
        _services = new ServiceCollection().AddCacheCluster(o => (o.Configuration, o.DefaultPolicy) = (seeds, new() { MaxConcurrency = 1000 })).BuildServiceProvider();
        _cache = _services.GetRequiredService<ICacheCluster>();
    }

    public async ValueTask<long> ReadAsync(string key) => Number(await _cache.GetOrLoadAsync<string>(key, async cancel => Text(await _origin.ReadAsync(key, cancel))));

    public async ValueTask<long> WriteAsync(string key)
    {
        if (!_writesThrough)
        {
            var written = await _origin.RaiseAsync(key);
            await _cache.RemoveAsync(key);
            return written;
        }

        // Each key has one writer here, so it knows what the number will be.
        var next = 1 + await _origin.ReadAsync(key);
        await _cache.WriteThroughAsync(key, Text(next), async (_, cancel) => await _origin.RaiseAsync(key, cancel));
        return next;
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static long Number(string? text) => long.Parse(text!, System.Globalization.CultureInfo.InvariantCulture);
}
