using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Population;

/// <summary>A cluster, an origin, and a sidecar with rules.</summary>
public sealed class PopulationFixture : IAsyncLifetime
{
    public LocalCluster Cluster { get; private set; } = null!;

    public HttpOriginServer Origin { get; private set; } = null!;

    public SidecarProcess Sidecar { get; private set; } = null!;

    public string[] Rules =>
    [
        "population:",
        "- match: \"blog:{id}\"",
        $"  lazy: {{origin: \"{Origin.Url}/blogs/{{id}}\", ttl: 10m, negativeTtl: 30s, timeout: 2s}}",
        "- match: \"stale:{id}\"",
        $"  lazy: {{origin: \"{Origin.Url}/stale/{{id}}\", ttl: 1s, jitter: 0, stale: 10m}}",
        "- match: \"slow:{id}\"",
        $"  lazy: {{origin: \"{Origin.Url}/slow/{{id}}\", ttl: 10m, timeout: 200ms}}",
        "- match: \"score:{id}\"",
        $"  writeThrough: {{origin: \"{Origin.Url}/scores/{{id}}\", ttl: 5m}}",
        "- match: \"sure:{id}\"",
        $"  writeThrough: {{origin: \"{Origin.Url}/sure/{{id}}\", ttl: 5m, waitReplicas: 1}}",
    ];

    public async ValueTask InitializeAsync()
    {
        Prerequisites.Program("redis-server", "redis-server");
        Origin = await HttpOriginServer.StartAsync();
        Cluster = await LocalCluster.StartAsync(2, 1);
        Sidecar = await SidecarProcess.StartAsync(Cluster.Seeds, Rules);
    }

    public async ValueTask DisposeAsync()
    {
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        if (Origin is not null)
            await Origin.DisposeAsync();
    }
}
