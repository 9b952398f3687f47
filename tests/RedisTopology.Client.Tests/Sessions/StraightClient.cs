using Microsoft.Extensions.DependencyInjection;

namespace RedisTopology.Client.Tests.Sessions;

internal sealed class StraightClient : IDisposable
{
    private readonly ServiceProvider _services;

    public StraightClient(string seeds, CacheConsistency consistency) => _services = new ServiceCollection().AddCacheCluster(o =>
    {
        o.Configuration = seeds;
        o.Consistency = consistency;
    }).BuildServiceProvider();

    public ICacheCluster Cache => _services.GetRequiredService<ICacheCluster>();

    public void Dispose() => _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
