using System.Globalization;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Operator.Tests.Steps;

/// <summary>A replica that becomes an empty master has nothing on its disk either, on a real server.</summary>
public sealed class DetachmentTests
{
    [Theory]
    [InlineData("appendonly yes", false)]
    [InlineData("save 3600 1", false)]
    [InlineData("appendonly yes", true)]
    public async Task A_detached_replica_is_as_empty_when_it_starts_again(string persistence, bool renew)
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 1, config: [persistence, "repl-diskless-load disabled"]);
        var (master, replica) = (cluster.Nodes[0], cluster.Nodes[1]);
        await master.ExecuteAsync("SET", "k", "v");
        await TestRedisCluster.CatchUpAsync(master, replica);
        if (persistence.StartsWith("save", StringComparison.Ordinal))
            await replica.ExecuteAsync("SAVE");
        await replica.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "1");
        var id = (string?)await replica.ExecuteAsync("CLUSTER", "MYID");

        using var connections = new DirectConnections(TestRedisCluster.Password, TimeSpan.FromSeconds(10));
        await Detachment.RunAsync(connections, replica.Endpoint, renew);
        Assert.True(await TestRedisCluster.IsMasterAsync(replica));
        await replica.KillAsync();
        await replica.StartAgainAsync(TestContext.Current.CancellationToken);
        Assert.Equal("0", Convert.ToString(await replica.ExecuteAsync("DBSIZE"), CultureInfo.InvariantCulture));
        Assert.Equal(renew, id != (string?)await replica.ExecuteAsync("CLUSTER", "MYID"));
        Assert.DoesNotContain("0-16383", (string?)await replica.ExecuteAsync("CLUSTER", "NODES"));
    }

    /// <summary>Nothing is changed at one that became a master meanwhile.</summary>
    [Fact]
    public async Task A_master_with_keys_is_left_alone()
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 0);
        await cluster.Nodes[0].ExecuteAsync("SET", "k", "v");
        using var connections = new DirectConnections(TestRedisCluster.Password, TimeSpan.FromSeconds(10));
        await Assert.ThrowsAnyAsync<Exception>(() => Detachment.RunAsync(connections, cluster.Nodes[0].Endpoint, renew: true));
        Assert.Equal("v", await cluster.Nodes[0].ExecuteAsync("GET", "k"));
    }
}
