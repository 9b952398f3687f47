using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>
/// A master dies while it hands over a slot, or receives one. What it had acknowledged and not replicated is lost, as ever; but the slot is closed, the cluster
/// becomes what the spec says, and from then on everything is right again.
/// </summary>
public sealed class ReshardFailureTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const string Size = "size: {memory: 64Mi}, replicas: 1, failover: {nodeTimeout: 2s}";

    [Theory]
    [InlineData("source", "s0")]
    [InlineData("target", "s3")]
    public async Task A_master_dies_in_the_middle(string end, string shard)
    {
        await FormAsync($"{Size}, sharding: {{count: 3}}");
        await UnderLoadAsync($"{end} killed in the middle of a reshard", async () =>
        {
            await Cluster.ApplyAsync($"{Size}, sharding: {{count: 4}}");
            await Cluster.UntilAsync(c => c.Status.Shards!.FirstOrDefault(s => s.Name == "s3")?.Slots is > 200, 60);
            var killed = await Cluster.MasterAsync(shard);
            Fixture.Kubelet.Kill(killed);

            // What the status says until then is of the time before.
            await Cluster.UntilAsync(c => c.Status.Shards!.First(s => s.Name == shard).Master is { } master && !killed.EndsWith("/" + master, StringComparison.Ordinal), 60);
            await Cluster.UntilReadyAsync(120);
        }, new ClusterLoadOptions { StaticKeys = 8000 });

        var servers = await Cluster.OnServersAsync();
        Assert.DoesNotContain(servers, s => s.Value.Slots.Contains('[', StringComparison.Ordinal));
        Assert.Equal((4, 4), (servers.Count(s => s.Value.Role == "master"), servers.Count(s => s.Value.Role == "replica")));
        await NobodyRemembersAsync(8);
        await LosesNothingAsync("afterwards", () => Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancel));
    }
}
