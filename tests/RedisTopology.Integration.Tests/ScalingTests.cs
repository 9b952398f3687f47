using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>Replicas come and go; the master and the data stay.</summary>
public sealed class ScalingTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const int Keys = 30;

    [Fact]
    public async Task Replicas_follow_the_scale_subresource_up_and_down()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 2}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(Keys);
        foreach (var replicas in new[] { 2, 1, 2, 0 })
        {
            await Cluster.ScaleAsync(replicas);
            var ready = await Cluster.UntilReadyAsync();
            Assert.Equal(2 * (replicas + 1), (await Cluster.PodsAsync()).Count);
            Assert.Equal(replicas, ready.Status.ReplicasPerShard);
            Assert.Empty(await Cluster.MissingKeysAsync(Keys));

            // Nobody remembers a node that left.
            foreach (var pod in await Cluster.PodsAsync())
                Assert.Equal(2 * (replicas + 1), (await Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Metadata.Name}", "cluster", "nodes")).Split('\n').Length);
        }
    }

    [Fact]
    public async Task A_master_in_the_way_of_a_scale_in_hands_over_first()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 2, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(Keys);
        await Cluster.RedisAsync(Cluster.Pod("s0", 2), "cluster", "failover");
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-2", 10);
        await Cluster.UntilReadyAsync();

        await Cluster.ScaleAsync(0);
        await Cluster.UntilReadyAsync();
        Assert.Equal(["cc-s0-0"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name));
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await Eventually.ThatAsync(
            async () => (await Cluster.EventsAsync()).Select(e => e.Message ?? "").ToList(), messages => messages.Any(m => m.Contains("promoted (graceful)", StringComparison.Ordinal)), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_shard_may_have_replicas_of_its_own()
    {
        await StartOperatorAsync();
        const string Shards = "sharding: {{shards: [{{name: a, ranges: [\"0-8191\"], replicas: {0}}}, {{name: b, ranges: [\"8192-16383\"]}}]}}";
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, " + string.Format(null, Shards, 2));
        await Cluster.UntilReadyAsync();
        Assert.Equal(["cc-a-0", "cc-a-1", "cc-a-2", "cc-b-0"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name).Order());
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, " + string.Format(null, Shards, 0));
        await Cluster.UntilReadyAsync();
        Assert.Equal(["cc-a-0", "cc-b-0", "cc-b-1"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name).Order());
    }

    [Fact]
    public async Task A_changed_mind_half_way_converges_to_the_new_spec()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 2, sharding: {count: 2}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(Keys);
        foreach (var replicas in new[] { 0, 2, 1, 0, 1 })
        {
            await Cluster.ScaleAsync(replicas);
            await Task.Delay(TimeSpan.FromMilliseconds(400), TimeProvider.System, Cancel);
        }

        await Cluster.UntilReadyAsync();
        Assert.Equal(4, (await Cluster.PodsAsync()).Count);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }
}
