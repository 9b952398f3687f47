using RedisTopology.Core.Keys;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Keys;

/// <summary>The mapping of keys changed in the configuration file while clients are connected.</summary>
public sealed class KeyRangeReloadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connected_clients_and_pushes_get_the_new_mapping()
    {
        Prerequisites.Program("redis-server", "redis-server");
        await using var cluster = await LocalCluster.StartAsync(2, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: Ct);
        var plain = await File.ReadAllTextAsync(sidecar.ConfigPath, Ct);
        using var client = sidecar.Connect();
        Assert.Equal("+OK\r\n", client.Call("SET", "user:11", "before"));
        Assert.Contains("user:11", await KeysAsync(cluster));

        await UseAsync("keyPatterns: [\"user:{id}\"]\nidsPerTablet: 10\n", 10);
        await UseAsync("keyPatterns: [\"user:{id}\"]\nidsPerTablet: 1\n", 1);

        // And back: the first key is there as it was.
        await WriteAsync(sidecar, plain);
        await Eventually.ThatAsync(() => Task.FromResult(client.Call("GET", "user:11")), reply => reply == "$6\r\nbefore\r\n", Limit, ct: Ct);

        async Task UseAsync(string lines, long granularity)
        {
            Assert.True(KeyMapping.TryCreate(["user:{id}"], 1, granularity, out var mapping, out _));
            await WriteAsync(sidecar, plain + lines);
            // The old mapping finds another key, or none, under this name.
            await Eventually.ThatAsync(() => Task.FromResult(client.Call("GET", "user:11")), reply => reply == "$-1\r\n", Limit, ct: Ct);
            Assert.Equal("+OK\r\n", client.Call("SET", "user:11", $"by {granularity}"));
            Assert.Equal("+OK\r\n", client.Call("SET", "news", "no id"));
            using var http = new HttpClient();
            using var entry = new StringContent("""{"key":"user:12","value":"pushed"}""");
            using var pushed = await http.PostAsync(new Uri($"http://127.0.0.1:{sidecar.AdminPort}/v1/push?mode=set"), entry, Ct);
            Assert.Contains("\"stored\":1", await pushed.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            var there = await KeysAsync(cluster);
            Assert.Contains(mapping.ToPhysical("user:11"), there);
            Assert.Contains(mapping.ToPhysical("user:12"), there);
            Assert.Contains("news", there);
            using var late = sidecar.Connect();
            Assert.Equal("$6\r\npushed\r\n", late.Call("GET", "user:12"));
        }
    }

    // In one step, as a mounted ConfigMap changes: half a file is another mapping.
    private static async Task WriteAsync(SidecarProcess sidecar, string text)
    {
        await File.WriteAllTextAsync(sidecar.ConfigPath + ".new", text, Ct);
        File.Move(sidecar.ConfigPath + ".new", sidecar.ConfigPath, overwrite: true);
    }

    private static async Task<List<string>> KeysAsync(LocalCluster cluster)
    {
        var all = new List<string>();
        foreach (var master in cluster.Masters)
            all.AddRange(((object?[])(await master.ExecuteAsync("KEYS", "*"))!).Select(k => $"{k}"));
        return all;
    }
}
