using RedisTopology.Testing;

namespace RedisTopology.Cli.Tests.Push;

/// <summary>A cluster, and a sidecar before it that asks pushes for a token.</summary>
public sealed class PushFixture : IAsyncLifetime
{
    public LocalCluster Cluster { get; private set; } = null!;

    public SidecarProcess Sidecar { get; private set; } = null!;

    public TestDirectory Directory { get; } = TestDirectory.Create("push");

    public string Url => $"http://127.0.0.1:{Sidecar.AdminPort}";

    public async ValueTask InitializeAsync()
    {
        Prerequisites.Program("redis-server", "redis-server");
        await File.WriteAllTextAsync(Directory["token"], "secret\n");
        Cluster = await LocalCluster.StartAsync(2);
        Sidecar = await SidecarProcess.StartAsync(Cluster.Seeds, [$"pushTokenFile: {Directory["token"]}"]);
    }

    public async ValueTask DisposeAsync()
    {
        if (Sidecar is not null)
            await Sidecar.DisposeAsync();
        if (Cluster is not null)
            await Cluster.DisposeAsync();
        Directory.Dispose();
    }
}
