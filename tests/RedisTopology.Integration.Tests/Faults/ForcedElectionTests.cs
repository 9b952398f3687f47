using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Faults;

/// <summary>Elections that the operator has held, and those it must not. How soon they come is measured by the benchmark <c>outage</c>.</summary>
public sealed class ForcedElectionTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Keys = 60;
    private const string Three = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}";

    /// <summary>Some time more than the servers and the operator would take: three node timeouts.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(6);

    /// <summary>The replica may not hold elections of its own, so one that is won was ordered. Events, metric and status say who did.</summary>
    [Fact]
    public async Task A_frozen_master_is_succeeded_by_the_election_that_the_operator_orders()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        await Cluster.RedisAsync(Cluster.Pod("s0", 1), "config", "set", "cluster-replica-no-failover", "yes");
        Fixture.Kubelet.Freeze(Cluster.Pod("s0", 0));
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 30);
        Assert.Contains(await OrdersAsync(), m => m.StartsWith("cc-s0-1 stands for election by the operator's order (forced): shard s0: master cc-s0-0 has not answered the operator for ", StringComparison.Ordinal));
        Assert.True(Operator.Services.GetRequiredService<ClusterMetrics>().Failovers.WithLabels(Cluster.Namespace, Cluster.Name, "forced").Value >= 1);
        Fixture.Kubelet.Resume(Cluster.Pod("s0", 0));
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        Assert.Equal("replica", (await Cluster.OnServersAsync())["cc-s0-0"].Role);
    }

    /// <summary>First the operator alone, then one of the other masters as well, which flags it: two who are cut off do not outweigh one who is not.</summary>
    [Fact]
    public async Task A_master_that_lives_stays_one_when_the_operator_is_cut_off_from_it()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        var (master, other) = (Cluster.Pod("s0", 0), Cluster.Pod("s1", 0));
        var id = await Cluster.RedisAsync(master, "cluster", "myid");
        await Fixture.Kubelet.PartitionFromHostAsync(master, Cancel);
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "Ready") is { Status: "False", Message: { } text } && text.Contains("master cc-s0-0 does not answer, but its container is not known to be down", StringComparison.Ordinal), 30);
        await Task.Delay(LongEnough, TimeProvider.System, Cancel);
        await StillMasterAsync(master);

        await Fixture.Kubelet.PartitionAsync([master], [other], Cancel);
        await Eventually.ThatAsync(
            () => Cluster.RedisAsync(other, "cluster", "nodes"), nodes => nodes.Split('\n').Any(l => l.StartsWith(id, StringComparison.Ordinal) && l.Contains("fail", StringComparison.Ordinal)), TimeSpan.FromSeconds(20));
        await Task.Delay(LongEnough, TimeProvider.System, Cancel);
        await StillMasterAsync(master);
        await Fixture.Kubelet.HealAsync(master, Cancel);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await OrdersAsync());
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task Nothing_is_ordered_in_a_paused_cluster()
    {
        await FormAsync(Three);
        await Cluster.RedisAsync(Cluster.Pod("s0", 1), "config", "set", "cluster-replica-no-failover", "yes");
        await Cluster.ApplyAsync($"{Three}, paused: true");
        await Cluster.UntilAsync(c => c.Status.Phase == "Paused");
        Fixture.Kubelet.Freeze(Cluster.Pod("s0", 0));
        await Task.Delay(LongEnough, TimeProvider.System, Cancel);
        Assert.StartsWith("slave", await Cluster.RedisAsync(Cluster.Pod("s0", 1), "role"), StringComparison.Ordinal);
        Assert.Empty(await OrdersAsync());
        Fixture.Kubelet.Resume(Cluster.Pod("s0", 0));
    }

    private async Task StillMasterAsync(string pod)
    {
        Assert.StartsWith("master", await Cluster.RedisAsync(pod, "role"), StringComparison.Ordinal);
        Assert.Empty(await OrdersAsync());
    }

    private async Task<List<string>> OrdersAsync() => [.. (await Cluster.EventsAsync()).Where(e => e.Reason == "Failover").Select(e => e.Message)];
}
