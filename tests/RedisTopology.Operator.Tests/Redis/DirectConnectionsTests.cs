using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Tests.Redis;

/// <summary>The connections that slots are moved through, to a real server.</summary>
public sealed class DirectConnectionsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_reply_is_read_and_replies_come_in_the_order_of_the_commands()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Password = "secret" }, Ct);
        using var servers = new DirectConnections("secret", Patience);
        var large = new string('x', 300_000);
        Assert.Equal("OK", (string?)await servers.ExecuteAsync(server.Endpoint, "SET", "text", large));
        Assert.Equal(large, (string?)await servers.ExecuteAsync(server.Endpoint, "GET", "text"));
        Assert.True((await servers.ExecuteAsync(server.Endpoint, "GET", "none")).IsNull);
        Assert.Equal(2, (long)await servers.ExecuteAsync(server.Endpoint, "RPUSH", "list", new byte[] { 1, 0, 255 }, 7));
        Assert.Equal([[1, 0, 255], "7"u8.ToArray()], (byte[][])(await servers.ExecuteAsync(server.Endpoint, "LRANGE", "list", 0, -1))!);
        Assert.Empty((byte[][])(await servers.ExecuteAsync(server.Endpoint, "KEYS", "nothing*"))!);
        var error = await Assert.ThrowsAsync<RedisServerException>(() => servers.ExecuteAsync(server.Endpoint, "INCR", "list"));
        Assert.StartsWith("WRONGTYPE", error.Message, StringComparison.Ordinal);

        var counted = await Task.WhenAll(servers.ExecuteAllAsync(server.Endpoint, "INCRBY", [.. Enumerable.Range(0, 5000).Select(_ => new object[] { "counter", 2 })]));
        Assert.Equal(Enumerable.Range(1, 5000).Select(i => 2L * i), counted.Select(c => (long)c));
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_knows_another_password_is_told_from_one_that_refuses_a_command()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Password = "secret" }, Ct);
        using var servers = new DirectConnections("wrong", Patience);
        var stranger = await Assert.ThrowsAsync<RedisUnavailableException>(() => servers.ExecuteAsync(server.Endpoint, "PING"));
        Assert.Equal(RedisUnavailableException.WrongPassword, stranger.Message);

        await server.KillAsync();
        var absent = await Assert.ThrowsAsync<RedisUnavailableException>(() => servers.ExecuteAsync(server.Endpoint, "PING"));
        Assert.Equal(RedisUnavailableException.Refused, absent.Message);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up_and_asked_anew()
    {
        await using var server = await RedisProcess.StartAsync(ct: Ct);
        using var servers = new DirectConnections("", TimeSpan.FromSeconds(2));
        await servers.ExecuteAsync(server.Endpoint, "PING");
        server.Freeze();
        var (first, second) = (servers.ExecuteAsync(server.Endpoint, "PING"), servers.ExecuteAsync(server.Endpoint, "PING"));
        var silence = await Assert.ThrowsAsync<RedisUnavailableException>(() => first);
        Assert.Equal("no answer within 2 s", silence.Message);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => second);

        server.Resume();
        await Eventually.ThatAsync(
            async () =>
            {
                try
                {
                    return (string?)await servers.ExecuteAsync(server.Endpoint, "PING");
                }
                catch (RedisUnavailableException)
                {
                    return null;
                }
            },
            reply => reply == "PONG",
            Patience,
            ct: Ct);
    }

    [Fact]
    public async Task Nothing_waits_for_a_reply_once_the_connections_are_closed()
    {
        await using var server = await RedisProcess.StartAsync(ct: Ct);
        var servers = new DirectConnections("", Patience);
        await servers.ExecuteAsync(server.Endpoint, "PING");
        server.Freeze();
        var waiting = servers.ExecuteAsync(server.Endpoint, "PING");
        servers.Dispose();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => servers.ExecuteAsync(server.Endpoint, "PING"));
        server.Resume();
    }
}
