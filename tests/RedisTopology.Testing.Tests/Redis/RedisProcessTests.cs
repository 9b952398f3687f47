using System.Net.Sockets;

namespace RedisTopology.Testing.Tests.Redis;

public sealed class RedisProcessTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commands_have_replies_of_every_kind()
    {
        await using var redis = await RedisProcess.StartAsync(ct: Ct);

        Assert.Equal("OK", await redis.ExecuteAsync("SET", "k", "grüße"));
        Assert.Equal("grüße", await redis.ExecuteAsync("GET", "k"));
        Assert.Null(await redis.ExecuteAsync("GET", "absent"));
        Assert.Equal(3L, await redis.ExecuteAsync("RPUSH", "l", "a", "b", "c"));
        Assert.Equal(["a", "b", "c"], Assert.IsType<object[]>(await redis.ExecuteAsync("LRANGE", "l", "0", "-1")));
        var error = await Assert.ThrowsAsync<RespErrorException>(() => redis.ExecuteAsync("INCR", "k"));
        Assert.Contains("not an integer", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_node_with_a_password_keeps_its_identity_over_a_kill()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true, Password = "secret" }, Ct);
        var id = await redis.ExecuteAsync("CLUSTER", "MYID");
        var port = redis.Port;

        await redis.KillAsync();
        await Assert.ThrowsAnyAsync<SocketException>(() => redis.ExecuteAsync("PING"));
        await redis.StartAgainAsync(Ct);

        Assert.Equal(id, await redis.ExecuteAsync("CLUSTER", "MYID"));
        Assert.Equal(port, redis.Port);
    }

    [Fact]
    public async Task A_frozen_server_accepts_and_does_not_answer()
    {
        await using var redis = await RedisProcess.StartAsync(ct: Ct);
        redis.Freeze();
        redis.ReplyTimeout = TimeSpan.FromMilliseconds(300);

        await Assert.ThrowsAsync<TimeoutException>(() => redis.ExecuteAsync("PING"));
        redis.Resume();

        Assert.Equal("PONG", await redis.ExecuteAsync("PING"));
    }

    [Fact]
    public async Task A_server_that_does_not_come_up_says_why()
    {
        var options = new RedisProcessOptions { Config = { "no-such-directive yes" } };

        var error = await Assert.ThrowsAsync<ProcessStartException>(() => RedisProcess.StartAsync(options, Ct));

        Assert.Contains("no-such-directive", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_server_is_named_with_the_remedy()
    {
        var error = Assert.Throws<MissingPrerequisiteException>(() => RedisProcess.FindBinary("no-such-server"));

        Assert.StartsWith("no-such-server is missing. Install", error.Message, StringComparison.Ordinal);
    }
}
