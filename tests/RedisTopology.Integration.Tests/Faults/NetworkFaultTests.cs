using System.Globalization;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Faults;

/// <summary>Packets vanish, one way, of one port, or now and then. That of all of a master's packets is in <c>UnplannedTests</c>.</summary>
public sealed class NetworkFaultTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Keys = 60;

    /// <summary>Bytes of a replication stream that the shortest write of a load takes: INCR of a name of 15 letters takes 36.</summary>
    private const int LeastOfAWrite = 35;

    private const string Three = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}";

    /// <summary>Gossip elects a successor although the old master answers clients and the operator. When it hears of that it becomes a replica: one master, everywhere.</summary>
    [Fact]
    public async Task A_master_without_its_bus_is_succeeded_and_comes_back_as_a_replica()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        var old = Cluster.Pod("s0", 0);
        await Fixture.Kubelet.PartitionPortAsync(old, cancellationToken: Cancel);
        await UntilMasterAsync(Cluster.Pod("s0", 1));
        await Fixture.Kubelet.HealAsync(old, Cancel);
        await BackAsync(old);
    }

    /// <summary>It hears everybody and nobody hears it.</summary>
    [Fact]
    public async Task A_master_whose_packets_vanish_is_succeeded_and_comes_back_as_a_replica()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        var old = Cluster.Pod("s0", 0);
        await Fixture.Kubelet.DropAsync(old, null, Cancel);
        await UntilMasterAsync(Cluster.Pod("s0", 1));
        await Fixture.Kubelet.HealAsync(old, Cancel);
        await BackAsync(old);
    }

    [Fact]
    public async Task A_slow_network_that_loses_packets_is_got_used_to()
    {
        await FormAsync(Three);
        var master = Cluster.Pod("s0", 0);
        Prerequisites.Require(await Fixture.Kubelet.CanDelayAsync(Cancel), "needs a kernel with netem (sch_netem).");
        await Fixture.Kubelet.DelayAsync(master, TimeSpan.FromMilliseconds(40), lossPercent: 2, Cancel);
        await LosesNothingAsync("40 ms of delay and 2 % of loss before one master", async () =>
        {
            await Cluster.ScaleAsync(0);
            await Cluster.UntilReadyAsync(120);
        });
    }

    /// <summary>
    /// Cut off and back again, for less and for more than the node timeout. Whoever is the master in the end, there is one, and everybody says so. A master that nobody reaches
    /// acknowledges nothing; lost is what it had just acknowledged and its replica had not received, and what it acknowledges when it is back before it looks at its watch. Either is
    /// less than one round of its event loop, in which each lane of the load has one command at most. And lost is what the replica was seen not to have when its master was cut off: after a break TCP tries again later than the next one may come.
    /// </summary>
    [Fact]
    public async Task A_network_that_flaps_leaves_one_master_in_the_end()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        var pod = Cluster.Pod("s0", 0);
        int[] breaks = [500, 2500, 1000, 4500, 300, 3000];
        var behind = 0L;
        var load = new ClusterLoadOptions { ReplyTimeout = TimeSpan.FromMilliseconds(500) };
        var report = await UnderLoadAsync("a network that flaps", async () =>
        {
            foreach (var milliseconds in breaks)
            {
                await Fixture.Kubelet.PartitionAsync(pod, Cancel);
                var look = BehindAsync("s0");
                await Task.WhenAll(look, Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, Cancel));
                behind += await look;
                await Fixture.Kubelet.HealAsync(pod, Cancel);
                await Task.Delay(TimeSpan.FromMilliseconds(700), TimeProvider.System, Cancel);
            }

            await Cluster.UntilReadyAsync(60);
        }, load);
        Assert.Equal((0, 0), (report.Late, report.Errors));
        var bound = (2 * load.Lanes * breaks.Length) + (behind / LeastOfAWrite);
        Say($"the replica was {behind} bytes behind at the breaks, so at most {bound} writes may be lost");
        Assert.True(report.Lost <= bound, $"{report.Lost} acknowledged writes are lost, at most {bound} can be in {breaks.Length} breaks");
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(6);
        Assert.Equal(3, (await Cluster.OnServersAsync()).Values.Count(s => s.Role == "master"));
    }

    /// <summary>How many bytes of the first pod's stream the second of a shard of two does not have, or did not when it succeeded; 0 when the first pod is not a master.</summary>
    private async Task<long> BehindAsync(string shard)
    {
        var infos = await Task.WhenAll(new[] { 0, 1 }.Select(o => Cluster.RedisAsync(Cluster.Pod(shard, o), "info", "replication")));
        var said = infos.Select(i => i.Split('\n').Select(l => l.Trim().Split(':')).Where(f => f.Length == 2).ToDictionary(f => f[0], f => f[1])).ToArray();
        var followed = said[1]["role"] == "slave" ? Offset(1, "master_repl_offset") : Offset(1, "second_repl_offset") - 1;
        return said[0]["role"] == "master" ? Math.Max(0, Offset(0, "master_repl_offset") - followed) : 0;

        long Offset(int pod, string field) => long.Parse(said[pod][field], CultureInfo.InvariantCulture);
    }

    private async Task UntilMasterAsync(string pod) => await Eventually.ThatAsync(
        () => Cluster.RedisAsync(pod, "role"), role => role.StartsWith("master", StringComparison.Ordinal), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100));

    private async Task BackAsync(string old)
    {
        await Eventually.ThatAsync(() => Cluster.RedisAsync(old, "role"), role => role.StartsWith("slave", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100));
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 30);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(6);
    }
}
