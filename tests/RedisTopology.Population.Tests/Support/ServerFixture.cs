using RedisTopology.Testing;
using StackExchange.Redis;

namespace RedisTopology.Population.Tests.Support;

/// <summary>One real server for the tests of a class.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private RedisProcess? _server;

    public ConnectionMultiplexer Connection { get; private set; } = null!;

    public IDatabase Database => Connection.GetDatabase();

    public RedisStore Store => new(Database);

    public async ValueTask InitializeAsync()
    {
        _server = await RedisProcess.StartAsync();
        Connection = await ConnectionMultiplexer.ConnectAsync(_server.Endpoint + ",asyncTimeout=60000");
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await _server!.DisposeAsync();
    }
}
