using k8s;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>The newer engines, which hand slots over atomically, and the way from an old one to a new one.</summary>
public sealed class EngineTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    [Theory]
    [InlineData("Valkey", "9.0", "cluster|migrateslots")]
    [InlineData("Redis", "8.6", "cluster|migration")]
    public async Task Shards_come_and_go_atomically(string engine, string version, string command)
    {
        Needs(engine == "Valkey" ? Engines.Valkey9Root : Engines.Redis8Root);
        var spec = $"engine: {{type: {engine}, version: \"{version}\"}}, size: {{memory: 64Mi}}, replicas: 1, failover: {{nodeTimeout: 2s}}";
        await FormAsync($"{spec}, sharding: {{count: 2}}");
        await LosesNothingAsync($"2, 3, 1 shards of {engine} {version}", async () =>
        {
            foreach (var count in new[] { 3, 1 })
            {
                await Cluster.ApplyAsync($"{spec}, sharding: {{count: {count}}}");
                await Cluster.UntilReadyAsync(120);
                await NobodyRemembersAsync(2 * count);
                if (count == 3)
                    Assert.Contains("cmdstat_" + command, await CommandsAsync(), StringComparison.OrdinalIgnoreCase);
            }
        });
        Assert.DoesNotContain("cmdstat_migrate:", await CommandsAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_shard_count_is_taken_back_while_slots_are_on_their_way_atomically()
    {
        Needs(Engines.Valkey9Root);
        const string Spec = "engine: {type: Valkey, version: \"9.0\"}, size: {memory: 64Mi}, replicas: 0, failover: {nodeTimeout: 2s}";
        await FormAsync(Spec + ", sharding: {count: 2}");
        await LosesNothingAsync("atomic migration taken back", async () =>
        {
            foreach (var count in new[] { 3, 2, 4, 2 })
            {
                await Cluster.ApplyAsync($"{Spec}, sharding: {{count: {count}}}");
                await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancel);
            }

            await Cluster.UntilReadyAsync(120);
        });
        Assert.Equal(["cc-s0-0", "cc-s1-0"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name).Order());
    }

    /// <summary>Servers refuse for a minute the ids they were told to forget, and newer ones have all others refuse them: a replica that is back from its volume by then would be one that no master hands over to.</summary>
    [Fact]
    public async Task Replicas_that_are_scaled_away_and_back_at_once_are_known_to_all()
    {
        Needs(Engines.Redis8Root);
        const string Spec = "engine: {version: \"8.6\"}, size: {memory: 64Mi}, failover: {nodeTimeout: 2s}, sharding: {count: 2}, persistence: {mode: AOF, storage: {size: 256Mi, reclaim: Retain}}, replicas: ";
        await FormAsync(Spec + "1");
        await LosesNothingAsync("1, 0, 1 replicas of Redis 8.6, then both masters go", async () =>
        {
            foreach (var replicas in new[] { 0, 1 })
            {
                await Cluster.ApplyAsync(Spec + replicas);
                await Cluster.UntilReadyAsync(120);
            }

            await NobodyRemembersAsync(4);
            for (var look = 0; look < 10; look++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancel);
                Assert.All(await Task.WhenAll((await Cluster.PodsAsync()).Select(p => Cluster.RedisAsync($"{Cluster.Namespace}/{p.Metadata.Name}", "cluster", "nodes"))), table => Assert.Equal(4, table.Split('\n').Length));
            }

            foreach (var shard in new[] { "s0", "s1" })
            {
                var master = await Cluster.MasterAsync(shard);
                await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(master[(master.IndexOf('/') + 1)..], Cluster.Namespace, cancellationToken: Cancel);
                await Eventually.TrueAsync(async () => await Cluster.MasterAsync(shard) != master, TimeSpan.FromSeconds(60), ct: Cancel, expectation: $"{master} hands over");
            }

            await Cluster.UntilReadyAsync(120);
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_cluster_goes_from_Redis_7_to_Redis_8(int replicas)
    {
        Needs(Engines.Redis8Root);
        var spec = $"size: {{memory: 64Mi}}, replicas: {replicas}, sharding: {{count: 2}}, failover: {{nodeTimeout: 2s}}, engine: {{version: ";
        await FormAsync(spec + "\"7.0\"}");
        await LosesNothingAsync($"Redis 7.0 to 8.6, {replicas} replicas", async () =>
        {
            await Cluster.ApplyAsync(spec + "\"8.6\"}");
            await Cluster.UntilReadyAsync(120);
        });
        foreach (var pod in await Cluster.PodsAsync())
            Assert.Contains("redis_version:8.", await Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Metadata.Name}", "info", "server"), StringComparison.Ordinal);
    }

    /// <summary>A server reads no keys of a newer one: those of the first shard to be upgraded wait for the upgrade of the shards that are to have them, and hold it up no more than it must.</summary>
    [Fact]
    public async Task A_shard_that_is_upgraded_already_is_taken_out_before_the_others_are()
    {
        Needs(Engines.Redis8Root);
        await FormAsync(Spec("7.0", "{name: a, ranges: [0-5460]}, {name: b, ranges: [5461-10922]}, {name: c, ranges: [10923-16383]}"));
        await LosesNothingAsync("the first upgraded shard goes", async () =>
        {
            await Cluster.ApplyAsync(Spec("8.6", "{name: a, ranges: [0-5460]}, {name: b, ranges: [5461-10922]}, {name: c, ranges: [10923-16383]}"));
            var master = "";
            await Eventually.TrueAsync(async () => await IsNewAsync(master = (await Cluster.MasterAsync("a"))), TimeSpan.FromSeconds(120), TimeSpan.FromMilliseconds(100), ct: Cancel, expectation: "the first master is new");
            Assert.False(await IsNewAsync(await Cluster.MasterAsync("b")) && await IsNewAsync(await Cluster.MasterAsync("c")), "all masters are new already");
            await Cluster.ApplyAsync(Spec("8.6", "{name: b, ranges: [0-10922]}, {name: c, ranges: [10923-16383]}"));
            await Cluster.UntilReadyAsync(180);
        });
        Assert.Equal(["cc-b-0", "cc-b-1", "cc-c-0", "cc-c-1"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name).Order());

        static string Spec(string version, string shards) => $"size: {{memory: 64Mi}}, replicas: 1, sharding: {{shards: [{shards}]}}, failover: {{nodeTimeout: 2s}}, engine: {{version: \"{version}\"}}";
    }

    private async Task<bool> IsNewAsync(string pod)
    {
        try
        {
            return (await Cluster.RedisAsync(pod, "info", "server")).Contains("redis_version:8.", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It is being replaced.
            return false;
        }
    }

    private static void Needs(string? root) => Prerequisites.Require(root is not null, "needs the newer engines. Run tests/scripts/engines.sh (root, debootstrap).");

    private async Task<string> CommandsAsync()
    {
        var all = "";
        foreach (var pod in await Cluster.PodsAsync())
            all += await Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Metadata.Name}", "info", "commandstats");
        return all;
    }
}
