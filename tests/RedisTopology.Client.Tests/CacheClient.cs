using Microsoft.Extensions.DependencyInjection;

namespace RedisTopology.Client.Tests;

/// <summary>One application with a cache.</summary>
public sealed class CacheClient(ServiceProvider services) : IAsyncDisposable
{
    public ICacheCluster Cache => services.GetRequiredService<ICacheCluster>();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    /// <summary>What redis-cli would show.</summary>
    public async Task<string?> RawAsync(string key) => await Cache.Database.StringGetAsync(Cache.KeyOf(key), StackExchange.Redis.CommandFlags.DemandMaster);

    public ValueTask DisposeAsync() => services.DisposeAsync();
}
