using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>A drain takes masters away, one after another; each hands over before it goes and comes back as a replica.</summary>
public sealed class EvictionTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Evicted_masters_hand_over_and_come_back_as_replicas(int shards)
    {
        await FormAsync($"size: {{memory: 64Mi}}, replicas: 1, sharding: {{count: {shards}}}, failover: {{nodeTimeout: 2s}}");
        await LosesNothingAsync($"eviction of every master, {shards} shards", async () =>
        {
            for (var i = 0; i < shards; i++)
            {
                var master = await Cluster.MasterAsync($"s{i}");
                var shard = i;
                await Cluster.EvictAsync(master);
                await Cluster.UntilAsync(c => c.Status.Shards![shard].Master is { } now && $"{c.Metadata.NamespaceProperty}/{now}" != master, 20);
                await Cluster.UntilReadyAsync();
            }
        });
        var servers = await Cluster.OnServersAsync();
        for (var i = 0; i < shards; i++)
            Assert.Equal(("replica", "master"), (servers[$"cc-s{i}-0"].Role, servers[$"cc-s{i}-1"].Role));
        await NobodyRemembersAsync(2 * shards);
    }
}
