using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests;

/// <summary>Three masters with a replica each, the sidecar before them as a process, and a plain server that shows what one Redis would answer.</summary>
public sealed class SidecarFixture : IAsyncLifetime
{
    /// <summary>The cluster.</summary>
    public LocalCluster Cluster { get; private set; } = null!;

    /// <summary>The sidecar before it.</summary>
    public SidecarProcess Sidecar { get; private set; } = null!;

    /// <summary>One plain server.</summary>
    public RedisProcess Plain { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Prerequisites.Program("redis-server", "redis-server");
        Plain = await RedisProcess.StartAsync();
        Cluster = await LocalCluster.StartAsync(3, 1);
        Sidecar = await SidecarProcess.StartAsync(Cluster.Seeds, ["allow: [FLUSHALL, FLUSHDB]"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        if (Plain is not null)
            await Plain.DisposeAsync();
    }
}
