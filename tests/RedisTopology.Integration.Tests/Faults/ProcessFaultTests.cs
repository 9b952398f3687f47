using RedisTopology.Core.Hashing;
using RedisTopology.Integration.Tests.Harness;

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
}
