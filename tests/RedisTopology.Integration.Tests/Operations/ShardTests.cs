using k8s;
using RedisTopology.Core.Topology;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>Shards come and go and trade slots while clients write.</summary>
public sealed class ShardTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Keys = 60;
    private const string Size = "size: {memory: 64Mi}, replicas: 0, failover: {nodeTimeout: 2s}";

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Count_up_and_down(int replicas)
    {
        await FormAsync(Counted(2));
        await LosesNothingAsync($"2, 4, 3, 1 shards with {replicas} replicas", async () =>
        {
            foreach (var count in new[] { 4, 3, 1 })
            {
                var before = await OwnersAsync();
                await Cluster.ApplyAsync(Counted(count));
                await Cluster.UntilReadyAsync(120);
                var after = await OwnersAsync();
                var each = after.CountBy(o => o).ToDictionary();
                Assert.Equal(Enumerable.Range(0, count).Select(i => $"s{i}"), each.Keys.Order());
                Assert.All(each.Values, slots => Assert.InRange(slots, 16384 / count, (16384 / count) + 1));

                // No slot moves that need not: a shard that is new takes its share, a shard that leaves gives its own.
                var moved = before.Zip(after).Count(o => o.First != o.Second);
                var kept = Math.Min(count, before.Distinct().Count());
                Assert.InRange(moved, 0, 16384 - (kept * (16384 / Math.Max(count, before.Distinct().Count()))) + kept);
                await NobodyRemembersAsync(count * (1 + replicas));
            }
        });
        Assert.Equal(1 + replicas, (await Cluster.PodsAsync()).Count);
        Assert.Single((await Cluster.Client.AppsV1.ListNamespacedStatefulSetAsync(Cluster.Namespace)).Items);

        string Counted(int count) => $"size: {{memory: 64Mi}}, replicas: {replicas}, failover: {{nodeTimeout: 2s}}, sharding: {{count: {count}}}";
    }

    [Fact]
    public async Task Ranges_are_split_swapped_made_uneven_and_merged()
    {
        await FormAsync(Ranged(("a", "0-8191"), ("b", "8192-16383")));
        await LosesNothingAsync("explicit ranges", async () =>
        {
            await BecomesAsync(("a", "0-4095"), ("b", "8192-16383"), ("c", "4096-8191"));
            await BecomesAsync(("a", "8192-12287"), ("b", "0-4095,12288-16383"), ("c", "4096-8191"));
            await BecomesAsync(("a", "100"), ("b", "0-99,101-5000,5002-16383"), ("c", "5001"));
            await BecomesAsync(("b", "0-16383"));
        });

        async Task BecomesAsync(params (string Name, string Ranges)[] shards)
        {
            await Cluster.ApplyAsync(Ranged(shards));
            await Cluster.UntilReadyAsync(120);
            var servers = await Cluster.OnServersAsync();
            Assert.Equal(shards.Select(s => ($"cc-{s.Name}-0", "master", s.Ranges)), servers.OrderBy(s => s.Key).Select(s => (s.Key, s.Value.Role, s.Value.Slots)));
        }
    }

    /// <summary>So the engine itself leaves a master which loses all its slots at once: what it holds is the other shard's, and the shard need not be empty to go.</summary>
    [Fact]
    public async Task A_shard_whose_pod_follows_another_shards_master_is_removed()
    {
        await FormAsync(Ranged(("a", "0-16382"), ("b", "16383")));
        await Cluster.WriteKeysAsync(Keys);
        await StopOperatorAsync();
        var (a, b) = (Cluster.Pod("a", 0), Cluster.Pod("b", 0));
        var id = await Cluster.RedisAsync(a, "cluster", "myid");
        await Cluster.RedisAsync(a, "cluster", "bumpepoch");
        await Cluster.RedisAsync(a, "cluster", "setslot", "16383", "node", id);
        await Cluster.RedisAsync(b, "cluster", "setslot", "16383", "node", id);
        await Cluster.RedisAsync(b, "cluster", "replicate", id);
        await Eventually.ThatAsync(() => Cluster.RedisAsync(b, "dbsize"), keys => keys == $"{Keys}", TimeSpan.FromSeconds(30));

        await Cluster.ApplyAsync(Ranged(("a", "0-16383")));
        await StartOperatorAsync();
        await Cluster.UntilReadyAsync(60);
        Assert.Equal(["cc-a-0"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name));
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task A_change_is_reverted_half_way_and_reverted_again()
    {
        await FormAsync($"{Size}, sharding: {{count: 2}}");
        await LosesNothingAsync("reverted half-way", async () =>
        {
            foreach (var (count, until) in new[] { (3, 500), (2, 500), (4, 1000), (1, 4000) })
            {
                await Cluster.ApplyAsync($"{Size}, sharding: {{count: {count}}}");
                await UntilMovedAsync(until);
            }

            await Cluster.ApplyAsync($"{Size}, sharding: {{count: 2}}");
            await Cluster.UntilReadyAsync(120);
        });
        Assert.Equal(["cc-s0-0", "cc-s1-0"], (await Cluster.PodsAsync()).Select(p => p.Metadata.Name).Order());
        Assert.Equal([8192, 8192], (await OwnersAsync()).CountBy(o => o).Select(o => o.Value));
    }

    [Fact]
    public async Task Everything_is_edited_at_once()
    {
        await FormAsync($"{Size}, sharding: {{count: 2}}");
        await LosesNothingAsync("shards, replicas, memory, node timeout and image at once", async () =>
        {
            await Cluster.ApplyAsync("engine: {version: \"7.0.15\"}, size: {memory: 96Mi, maxMemoryPercent: 60}, replicas: 1, failover: {nodeTimeout: 3s}, sharding: {count: 3}");
            await Cluster.UntilReadyAsync(240);
        });
        var pods = await Cluster.PodsAsync();
        Assert.Equal(6, pods.Count);
        Assert.All(pods, p => Assert.Equal(("redis:7.0.15", "96Mi"), (p.Spec.Containers[0].Image, p.Spec.Containers[0].Resources.Limits["memory"].ToString())));
        foreach (var pod in pods)
            Assert.Equal("cluster-node-timeout\n3000", await Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Metadata.Name}", "config", "get", "cluster-node-timeout"));
    }

    private static string Ranged(params (string Name, string Ranges)[] shards) =>
        $"{Size}, sharding: {{shards: [{string.Join(", ", shards.Select(s => $"{{name: {s.Name}, ranges: [\"{string.Join("\", \"", s.Ranges.Split(','))}\"]}}"))}]}}";

    /// <summary>Waits until so many slots have another owner than now, or everything is done.</summary>
    private async Task UntilMovedAsync(int slots)
    {
        var before = await OwnersAsync();
        await Testing.Eventually.ThatAsync(OwnersAsync, now => before.Zip(now).Count(o => o.First != o.Second) >= slots, TimeSpan.FromSeconds(60), describe: now => $"{before.Zip(now).Count(o => o.First != o.Second)} moved");
    }

    /// <summary>The shard whose master claims each slot; empty where none does.</summary>
    private async Task<string[]> OwnersAsync()
    {
        var owners = Enumerable.Repeat("", 16384).ToArray();
        foreach (var (pod, (role, slots)) in await Cluster.OnServersAsync())
        {
            if (role != "master")
                continue;
            foreach (var range in slots.Split(',', StringSplitOptions.RemoveEmptyEntries).Where(s => s[0] != '['))
            {
                var parsed = SlotRange.TryParse(range, out var ends, out _) ? ends : throw new FormatException(range);
                for (var slot = parsed.First; slot <= parsed.Last; slot++)
                    owners[slot] = pod.Split('-')[1];
            }
        }

        return owners;
    }
}
