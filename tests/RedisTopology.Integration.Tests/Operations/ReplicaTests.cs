using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>Replicas come and go while clients write.</summary>
public sealed class ReplicaTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    [Fact]
    public async Task Replicas_come_and_go()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 2}");
        await LosesNothingAsync("replicas 0, 2, 1, 0", async () =>
        {
            foreach (var replicas in new[] { 2, 1, 0 })
            {
                await Cluster.ScaleAsync(replicas);
                await Cluster.UntilReadyAsync();
            }
        });
        await NobodyRemembersAsync(2);
    }

    [Fact]
    public async Task Masters_in_the_way_of_a_scale_in_hand_over_first()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}");
        // One after the other: of two elections at once neither may get the votes of both masters.
        foreach (var shard in new[] { "s0", "s1" })
        {
            await Cluster.RedisAsync(Cluster.Pod(shard, 1), "cluster", "failover");
            await Cluster.UntilAsync(c => c.Status.Shards!.Any(s => s.Name == shard && s.Master?.EndsWith('1') == true), 10);
        }

        await Cluster.UntilReadyAsync();
        await LosesNothingAsync("scale-in past both masters", async () =>
        {
            await Cluster.ScaleAsync(0);
            await Cluster.UntilReadyAsync();
        });
        Assert.Equal(["cc-s0-0", "cc-s1-0"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name).Order());
        await NobodyRemembersAsync(2);
    }
}
