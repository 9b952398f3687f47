using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Testing;

namespace RedisTopology.Client.Tests;

/// <summary>A cluster of three masters with a replica each, and a sidecar before it: every test runs over both ways.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private int _keys;

    public LocalCluster Cluster { get; private set; } = null!;

    public SidecarProcess Sidecar { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Cluster = await LocalCluster.StartAsync(3, 1);
        Sidecar = await SidecarProcess.StartAsync(Cluster.Seeds);
    }

    public async ValueTask DisposeAsync()
    {
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
    }

    /// <summary>A key no other test has.</summary>
    public string NewKey(string kind = "blog") => $"{kind}:{Interlocked.Increment(ref _keys)}";

    /// <summary>A cache as an application of its own would have it.</summary>
    public CacheClient Open(Way way, Action<CacheClusterOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        services?.Invoke(collection);
        collection.AddMetrics();
        collection.AddCacheClusterDistributedCache(o =>
        {
            o.Configuration = way == Way.Sidecar ? $"127.0.0.1:{Sidecar.Port}" : Cluster.Seeds;
            o.UseJson(TestJson.Default);
            configure?.Invoke(o);
        });
        return new CacheClient(collection.BuildServiceProvider());
    }
}
