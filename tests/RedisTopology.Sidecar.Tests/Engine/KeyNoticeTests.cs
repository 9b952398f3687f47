using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Notices of keys, which every server gives of its own alone: three masters through the sidecar, against one plain server.</summary>
public sealed class KeyNoticeTests(SidecarFixture world) : IClassFixture<SidecarFixture>
{
    /// <summary>An application's own channels may be met by the same patterns, and look much like those of notices.</summary>
    [Theory]
    [InlineData("2", "*")]
    [InlineData("3", "*", "__key*__:*", "__keyspace@0__:notice:*")]
    [InlineData("2", "__key*", "__keyevent@?__:set")]
    [InlineData("2", "[_]_keyspace*:1*", "*:1*", "other*")]
    public async Task A_pattern_hears_what_it_hears_from_one_server(string protocol, params string[] patterns)
    {
        foreach (var server in (RedisProcess[])[.. world.Cluster.Masters, world.Plain])
            await server.ExecuteAsync("CONFIG", "SET", "notify-keyspace-events", "KE$");
        var payload = string.Join(' ', patterns);
        using RawClient through = new(world.Sidecar.Port), straight = new(world.Plain.Port), publisher = new(world.Sidecar.Port), plainPublisher = new(world.Plain.Port);
        foreach (var listener in (RawClient[])[through, straight])
        {
            listener.Must("HELLO", protocol);
            listener.Send(new Request(["PSUBSCRIBE", .. patterns]).Frame.Span);
        }

        foreach (var _ in patterns)
            Assert.Equal(Reply.Parse(straight.Receive()).ToString(), Reply.Parse(through.Receive()).ToString());
        for (var round = 0; round < 3; round++)
        {
            foreach (var client in (RawClient[])[publisher, plainPublisher])
            {
                for (var i = 0; i < 20; i++)
                {
                    client.Must("SET", $"notice:{i}", "1");
                    client.Must("PUBLISH", $"app:{i}", payload);
                    client.Must("PUBLISH", $"__keys:{i}", payload);
                }
            }

            // A message more or less would be one of the next round too.
            straight.Send("PING\r\n"u8);
            var expected = new List<string>();
            while (Reply.Parse(straight.Receive()) is { } reply && reply.Text != "PONG" && reply.Array is not [{ Text: "pong" }, _])
                expected.Add(reply.ToString());
            Assert.Equal(expected.Order(), expected.Select(_ => Heard().ToString()).ToArray().Order());
        }

        foreach (var pattern in patterns)
            Assert.Equal("punsubscribe", through.Must("PUNSUBSCRIBE", pattern).Array[0].Text);
        Assert.Equal("PONG", through.Must("PING").Text);

        // Of the case before, a message may still be on its way from one server of the cluster to the next.
        Reply Heard()
        {
            while (true)
            {
                var reply = Reply.Parse(through.Receive());
                if (reply.Array is not [_, _, { Text: { } channel }, { Text: { } text }] || text == payload || !(channel.StartsWith("app:", StringComparison.Ordinal) || channel.StartsWith("__keys:", StringComparison.Ordinal)))
                    return reply;
            }
        }
    }

    [Fact]
    public async Task An_application_that_wants_notices_finds_them_on()
    {
        foreach (var master in world.Cluster.Masters)
            await master.ExecuteAsync("CONFIG", "SET", "notify-keyspace-events", "KEA");
        using var client = new RawClient(world.Sidecar.Port);
        Assert.Equal(["notify-keyspace-events", "AKE"], client.Must("CONFIG", "GET", "notify-keyspace-events").Texts);
        Assert.Equal("OK", client.Must("CONFIG", "SET", "notify-keyspace-events", "Egx").Text);
        Assert.Equal("OK", client.Must("CONFIG", "SET", "Notify-Keyspace-Events", "KEA", "maxmemory", "0kb").Text);
        Assert.Equal(
            "ERR It changes how the servers run, which is their operator's business: notify-keyspace-events is 'AKE' there, and 'KEAm' belongs into spec.config of the CacheCluster",
            client.Call("CONFIG", "SET", "notify-keyspace-events", "KEAm").Text);
        Assert.Contains("''", client.Call("CONFIG", "SET", "notify-keyspace-events", "").Text!, StringComparison.Ordinal);

        // Not known to be on at all of them: not on.
        await world.Cluster.Masters[1].ExecuteAsync("CONFIG", "SET", "notify-keyspace-events", "");
        Assert.Empty(client.Must("CONFIG", "GET", "notify-keyspace-events").Array);
        Assert.StartsWith("ERR It changes how the servers run", client.Call("CONFIG", "SET", "notify-keyspace-events", "Ex").Text!, StringComparison.Ordinal);
        client.Must("MULTI");
        Assert.True(client.Call("CONFIG", "SET", "notify-keyspace-events", "Ex").IsError);
        client.Must("DISCARD");
    }

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public async Task Settings_are_those_of_one_server(string protocol)
    {
        for (var i = 0; i < 3; i++)
            await world.Cluster.Masters[i].ExecuteAsync("CONFIG", "SET", "maxmemory", $"{100 + i}mb", "maxmemory-policy", "allkeys-lru", "slowlog-max-len", $"{100 + i}");
        using var client = new RawClient(world.Sidecar.Port);
        client.Must("HELLO", protocol);
        Assert.Equal(["MAXMEMORY-policy", "allkeys-lru"], client.Must("CONFIG", "GET", "MAXMEMORY-policy").Texts);
        Assert.Equal([$"{303 << 20}"], client.Must("CONFIG", "GET", "maxmemory").Texts.Skip(1));
        Assert.Contains($"maxmemory:{303 << 20}\r\n", client.Must("INFO", "memory").Text!, StringComparison.Ordinal);
        Assert.Empty(client.Must("CONFIG", "GET", "slowlog-max-len").Array);
        Assert.Equal(["databases", "1"], client.Must("CONFIG", "GET", "databases").Texts);
        var all = client.Must("CONFIG", "GET", "*").Texts.Chunk(2).ToDictionary(p => p[0]!, p => p[1]!);
        Assert.Equal(("1", "no", "allkeys-lru"), (all["databases"], all["cluster-enabled"], all["maxmemory-policy"]));
        Assert.DoesNotContain(all.Keys, k => k.Contains("pass", StringComparison.Ordinal) || k.Contains("auth", StringComparison.Ordinal) || k.Contains("file", StringComparison.Ordinal) || k == "dir");
        foreach (var master in world.Cluster.Masters)
            await master.ExecuteAsync("CONFIG", "SET", "maxmemory", "0", "maxmemory-policy", "noeviction", "slowlog-max-len", "128");
        Assert.Equal(["maxmemory", "0"], client.Must("CONFIG", "GET", "maxmemory").Texts);
    }
}
