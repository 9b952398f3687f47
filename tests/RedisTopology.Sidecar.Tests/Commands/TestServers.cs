using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Commands;

/// <summary>One standalone server of each engine at hand, started once.</summary>
public sealed class TestServers : IAsyncLifetime
{
    private readonly List<RedisProcess> _servers = [];

    /// <summary>The servers: the system's Redis first.</summary>
    public IReadOnlyList<RedisProcess> All => _servers;

    /// <summary>The system's Redis.</summary>
    public RedisProcess Redis => _servers[0];

    public async ValueTask InitializeAsync()
    {
        foreach (var binary in new[] { new RedisProcessOptions().Binary, Engines.Redis8, Engines.Valkey9 })
        {
            if (binary is not null)
                _servers.Add(await RedisProcess.StartAsync(new() { Binary = binary }));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }
}
