using RedisTopology.Core.Hashing;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Faults;

/// <summary>Servers end, some of them at once. The loss of a single master is in <c>UnplannedTests</c>.</summary>
public sealed class ProcessFaultTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Keys = 60;
    private const int Term = 15;
    private const string Three = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}";

    [Fact]
    public async Task A_master_that_is_told_to_end_is_succeeded_without_loss()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        Fixture.Kubelet.Kill(Cluster.Pod("s1", 0), signal: Term);
        await Cluster.UntilAsync(c => c.Status.Shards![1].Master == "cc-s1-1", 30);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task A_majority_of_the_masters_is_succeeded_by_takeover_without_loss()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        Fixture.Kubelet.Kill(Cluster.Pod("s0", 0));
        Fixture.Kubelet.Kill(Cluster.Pod("s1", 0));
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1" && c.Status.Shards[1].Master == "cc-s1-1", 30);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(6);
    }

    [Fact]
    public async Task A_master_and_its_replica_at_once_cost_their_shard_alone()
    {
        await FormAsync(Three);
        await Cluster.WriteKeysAsync(Keys);
        Fixture.Kubelet.Kill(Cluster.Pod("s1", 0));
        Fixture.Kubelet.Kill(Cluster.Pod("s1", 1));
        await Cluster.UntilAsync(c => c.Status.Phase != "Ready");
        await Cluster.UntilReadyAsync(90);
        Assert.All(await Cluster.MissingKeysAsync(Keys), key => Assert.InRange(HashSlot.Of(key), 5461, 10922));
        await Cluster.WriteKeysAsync(Keys);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(6);
    }

    /// <summary>It is too slow for what is written: the master gives it up before its own memory goes, and it copies everything anew.</summary>
    [Fact]
    public async Task A_replica_whose_buffer_overflowed_copies_anew()
    {
        await FormAsync("size: {memory: 256Mi}, replicas: 1, sharding: {count: 1}, failover: {nodeTimeout: 5s}");
        await Cluster.WriteKeysAsync(Keys);
        var (master, replica) = (Cluster.Pod("s0", 0), Cluster.Pod("s0", 1));
        Fixture.Kubelet.Freeze(replica);
        const string flood = "for i = 1, 300 do redis.call('set', KEYS[1], string.rep('x', 1000000)) end";
        await Cluster.RedisAsync(master, "eval", flood, "1", "big");
        await Eventually.ThatAsync(
            () => Cluster.RedisAsync(master, "info", "replication"), info => info.Contains("connected_slaves:0", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        await Cluster.UntilAsync(
            c => TestCluster.Condition(c, "Ready") is { Status: "False", Message: { } text } && text.Contains("cc-s0-1", StringComparison.Ordinal) && c.Status.SlotsCovered == "16384/16384", 30);
        Fixture.Kubelet.Resume(replica);
        await Cluster.UntilReadyAsync(60);
        Assert.Equal("cc-s0-0", (await Cluster.GetAsync())!.Status.Shards![0].Master);
        Assert.Equal("61", await Cluster.RedisAsync(replica, "dbsize"));
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }
}
