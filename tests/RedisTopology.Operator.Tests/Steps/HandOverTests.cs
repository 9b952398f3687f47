using RedisTopology.Core.Topology;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Operator.Tests.Steps;

/// <summary>
/// A storm of edits lost a write: the new master was read before its promotion, the old one after it, so the shard seemed to have no master, and the old one was promoted by takeover at once.
/// </summary>
public sealed class HandOverTests
{
    [Fact]
    public async Task A_hand_over_that_was_read_half_is_seen_before_a_takeover()
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 1);
        using var connections = new DirectConnections(TestRedisCluster.Password, TimeSpan.FromSeconds(10));
        ObservedPod[] pods = [Replica(0, cluster.Nodes[0].Endpoint), Replica(1, cluster.Nodes[1].Endpoint)];
        Assert.Null(await HandOver.SeenAsync(connections, pods[1..]));

        await cluster.Nodes[1].ExecuteAsync("CLUSTER", "FAILOVER", "TAKEOVER");
        await Eventually.TrueAsync(async () => !await TestRedisCluster.IsMasterAsync(cluster.Nodes[0]), TimeSpan.FromSeconds(20), ct: TestContext.Current.CancellationToken);
        Assert.Equal("s0-1", await HandOver.SeenAsync(connections, pods));
        Assert.Equal("s0-1", await HandOver.SeenAsync(connections, pods[1..]));
        Assert.Null(await HandOver.SeenAsync(connections, pods[..1]));
    }

    /// <summary>Who was a master in the look is none of its news, and a silent server is no master.</summary>
    [Fact]
    public async Task Nobody_else_is_in_the_way_of_a_takeover()
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 1);
        using var connections = new DirectConnections(TestRedisCluster.Password, TimeSpan.FromSeconds(1));
        var known = Replica(0, cluster.Nodes[0].Endpoint);
        known = known with { Node = known.Node! with { Role = NodeRole.Master } };
        await cluster.Nodes[1].KillAsync();
        Assert.Null(await HandOver.SeenAsync(connections, [known, Replica(1, cluster.Nodes[1].Endpoint), Replica(2, cluster.Nodes[1].Endpoint) with { Node = null }]));
    }

    /// <summary>A server that lost an election asks for no vote for four node timeouts: an order before that held writes back for five seconds in vain.</summary>
    [Theory]
    [InlineData(1.5, 10)]
    [InlineData(2, 10)]
    [InlineData(5, 21)]
    public void A_hand_over_that_failed_is_ordered_again_when_it_can_succeed(double nodeTimeout, double patience) =>
        Assert.Equal(TimeSpan.FromSeconds(patience), RedisSteps.PatienceOf(TimeSpan.FromSeconds(nodeTimeout)));

    private static ObservedPod Replica(int ordinal, string endpoint) =>
        new() { Name = $"s0-{ordinal}", Shard = "s0", Ordinal = ordinal, Address = endpoint, Node = new ObservedNode { Id = $"{ordinal}", Role = NodeRole.Replica } };
}
