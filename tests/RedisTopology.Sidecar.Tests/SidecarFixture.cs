using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests;

/// <summary>Three masters with a replica each, the sidecar before them as a process, and a plain server that shows what one Redis would answer.</summary>
public class SidecarFixture : IAsyncLifetime
{
    /// <summary>The cluster.</summary>
    public LocalCluster Cluster { get; private set; } = null!;

    /// <summary>The sidecar before it.</summary>
    public SidecarProcess Sidecar { get; private set; } = null!;

    /// <summary>One plain server.</summary>
    public RedisProcess Plain { get; private set; } = null!;

    /// <summary>Lines of the sidecar's configuration.</summary>
    protected virtual string[] Options => ["allow: [FLUSHALL, FLUSHDB]"];

    public async ValueTask InitializeAsync()
    {
        Prerequisites.Program("redis-server", "redis-server");
        Plain = await RedisProcess.StartAsync();
        Cluster = await LocalCluster.StartAsync(3, 1);
        Sidecar = await SidecarProcess.StartAsync(Cluster.Seeds, Options);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        if (Plain is not null)
            await Plain.DisposeAsync();
    }
}
