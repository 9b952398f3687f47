using System.Collections.Concurrent;
using System.Globalization;
using k8s;
using RedisTopology.Core.Keys;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>As docs/guides/key-ranges.md walks through it, under load: users 1-1000 on shard a, 1001-2000 on shard b, and borders that move while they are served.</summary>
public sealed class KeyRangeTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const string Mapping = "mode: KeyRange, keyRange: {patterns: ['user:{id}', 'cart:{id}:*'], first: 1, granularity: 500}";

    private readonly ConcurrentDictionary<string, long> _acknowledged = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private long _reads;

    [Fact]
    public async Task Ids_are_where_the_spec_says_and_borders_move_live()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync(Spec("{name: a, ranges: ['1-1000']}, {name: b, ranges: ['1001-2000']}, {name: c, ranges: ['2001-']}"));
        var formed = await Cluster.UntilReadyAsync(120);
        Assert.Equal("a:1-1000 b:1001-2000 c:2001-", formed.Status.Ids);
        Assert.All(formed.Status.Shards!, s => Assert.Single(s.Replicas!));
        Assert.Equal(["1-1000"], formed.Status.Shards![0].Ids);
        Assert.Equal(["0-1"], formed.Status.Shards![0].Ranges);

        using var directory = TestDirectory.Create("keyrange-auth");
        var written = (await Cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("cc-sidecar", Cluster.Namespace, cancellationToken: Cancel)).Data["sidecar.yaml"];
        Assert.Contains("keyPatterns: [\"user:{id}\", \"cart:{id}:*\"]\nfirstId: 1\nidsPerTablet: 500\n", written, StringComparison.Ordinal);
        await using var sidecar = await Cluster.StartSidecarAsync("cc", directory);
        using (var client = sidecar.Connect())
        {
            foreach (var id in (int[])[101, 550, 999, 1500])
                Assert.Equal("+OK\r\n", client.Call("SET", $"user:{id}", $"name {id}"));
            Assert.Equal("+OK\r\n", client.Call("SET", "cart:1500:items", "3"));
        }

        Assert.True(KeyMapping.TryCreate(["user:{id}", "cart:{id}:*"], 1, 500, out var mapping, out _));
        foreach (var (key, shard) in (IEnumerable<(string, string)>)[("user:101", "a"), ("user:550", "a"), ("user:999", "a"), ("user:1500", "b"), ("cart:1500:items", "b")])
            await LivesAsync(mapping, key, shard, formed.Status.Shards!.Single(s => s.Name == shard).Master!);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var load = Enumerable.Range(0, 3).Select(lane => Task.Run(() => Load(sidecar, lane, end.Token), Cancel)).ToArray();
        await Cluster.ApplyAsync(Spec("{name: a, ranges: ['1-2000']}, {name: b, ranges: ['2001-3000']}, {name: c, ranges: ['3001-']}"));
        var moved = await Cluster.UntilReadyAsync(180);
        Assert.Equal("a:1-2000 b:2001-3000 c:3001-", moved.Status.Ids);
        await LivesAsync(mapping, "user:1500", "a", moved.Status.Shards!.Single(s => s.Name == "a").Master!);

        // The open end is split: its upper part goes to a shard that is new.
        await Cluster.ApplyAsync(Spec("{name: a, ranges: ['1-2000']}, {name: b, ranges: ['2001-3000']}, {name: c, ranges: ['3001-8000000']}, {name: d, ranges: ['8000001-']}"));
        var split = await Cluster.UntilReadyAsync(240);
        Assert.Equal("a:1-2000 b:2001-3000 c:3001-8000000 d:8000001-", split.Status.Ids);
        await end.CancelAsync();
        await Task.WhenAll(load);

        Assert.Empty(_wrong);
        Assert.True(_reads > 200, $"{_reads} reads");
        using var reader = sidecar.Connect();
        foreach (var (key, value) in _acknowledged)
        {
            var text = value.ToString(CultureInfo.InvariantCulture);
            Assert.Equal($"${text.Length}\r\n{text}\r\n", reader.Call("GET", key));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{_acknowledged.Count} keys, {_acknowledged.Values.Sum()} acknowledged writes, {_reads} reads while two borders moved: none lost, none wrong");
    }

    private static string Spec(string shards) => $"size: {{memory: 64Mi}}, replicas: 1, sharding: {{{Mapping}, shards: [{shards}]}}";

    // Each lane has keys of its own, on all shards and of no shard in particular: what it read must be what it wrote last.
    private void Load(SidecarProcess sidecar, int lane, CancellationToken end)
    {
        using var client = sidecar.Connect(TimeSpan.FromSeconds(30));
        string[] keys = [.. ((int[])[200, 900, 1200, 1900, 2500, 70_000, 7_999_000, 8_150_000]).SelectMany(id => new[] { $"user:{id + lane}", $"cart:{id + lane}:load" }), $"plain:{lane}"];
        for (var n = 1L; !end.IsCancellationRequested; n++)
        {
            foreach (var key in keys)
            {
                var text = n.ToString(CultureInfo.InvariantCulture);
                if (client.Call("SET", key, text) is not "+OK\r\n" and var refused)
                    _wrong.Enqueue($"SET {key} {text}: {refused}");
                else
                    _acknowledged[key] = n;
                var read = client.Call("GET", key);
                if (read != $"${text.Length}\r\n{text}\r\n")
                    _wrong.Enqueue($"GET {key}: {read} after {text}");
                Interlocked.Increment(ref _reads);
            }
        }
    }

    private async Task LivesAsync(KeyMapping mapping, string key, string shard, string master)
    {
        var physical = mapping.ToPhysical(key);
        Assert.StartsWith($"cc-{shard}-", master, StringComparison.Ordinal);
        Assert.Contains(physical, (await Cluster.RedisAsync($"{Cluster.Namespace}/{master}", "CLUSTER", "GETKEYSINSLOT", $"{mapping.SlotOf(key)}", "100")).Split('\n'));
        Assert.Equal($"{mapping.SlotOf(key)}", await Cluster.RedisAsync($"{Cluster.Namespace}/{master}", "CLUSTER", "KEYSLOT", physical));
    }
}
