using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Client-side caching: what a client keeps is what the servers have, or it is told.</summary>
public sealed class TrackingTests(SidecarFixture world) : IClassFixture<SidecarFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("SET", "t:1", "new")]
    [InlineData("DEL", "t:1")]
    [InlineData("PEXPIRE", "t:1", "50")]
    [InlineData("MSET", "t:2", "new", "t:1", "new")]
    [InlineData("EVAL", "return redis.call('INCR', KEYS[1])", "1", "t:1")]
    public async Task Who_has_read_a_key_is_told_when_another_changes_it(params string[] change)
    {
        using var other = new RawClient(world.Sidecar.Port);
        other.Must("MSET", "t:1", "1", "t:2", "2", "t:3", "3");
        using var client = new CachingClient(world.Sidecar.Port);
        client.Read("t:1", "t:3");
        client.Call("MGET", "t:1", "t:2", "t:3");
        other.Must(change);
        await Eventually.ThatAsync(() => Task.FromResult(client.Listen().Cache), c => !c.ContainsKey("t:1"), Limit);
        Assert.Equal("3", client.Cache["t:3"]);
        Assert.Equal(0, client.Forgot);
    }

    [Fact]
    public async Task It_is_told_of_its_own_changes_and_of_those_of_a_transaction_and_no_more_once_it_wants_none()
    {
        using var client = new CachingClient(world.Sidecar.Port, "OPTIN", "NOLOOP");
        Assert.Equal("OK", client.Call("CLIENT", "CACHING", "YES").Text);
        client.Read("own:1", "own:2");
        client.Call("SET", "own:1", "x");
        client.Call("MULTI");
        client.Call("SET", "own:2", "x");
        client.Call("EXEC");
        await Eventually.ThatAsync(() => Task.FromResult(client.Listen().Cache.Count), c => c == 0, Limit);
        Assert.Contains("flags=t", client.Call("CLIENT", "INFO").Text!, StringComparison.Ordinal);
        client.Read("own:1");
        Assert.Equal("OK", client.Call("CLIENT", "TRACKING", "OFF").Text);
        using var other = new RawClient(world.Sidecar.Port);
        other.Must("SET", "own:1", "y");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal("x", client.Listen().Cache["own:1"]);
    }

    [Fact]
    public async Task It_is_told_to_forget_all_when_all_was_deleted()
    {
        using var other = new RawClient(world.Sidecar.Port);
        other.Must("SET", "all:1", "1");
        using var client = new CachingClient(world.Sidecar.Port);
        client.Read("all:1");
        other.Must("FLUSHALL");
        await Eventually.ThatAsync(() => Task.FromResult(client.Listen()), c => c.Cache.Count == 0 && c.Forgot > 0, Limit);
    }

    [Fact]
    public void What_can_not_be_had_is_refused()
    {
        using var client = new RawClient(world.Sidecar.Port);
        Assert.StartsWith("ERR CLIENT TRACKING through the sidecar needs RESP3", client.Call("CLIENT", "TRACKING", "ON").Text!, StringComparison.Ordinal);
        client.Must("HELLO", "3");
        Assert.StartsWith("ERR BCAST", client.Call("CLIENT", "TRACKING", "ON", "BCAST").Text!, StringComparison.Ordinal);
        Assert.StartsWith("ERR REDIRECT", client.Call("CLIENT", "TRACKING", "ON", "REDIRECT", "1").Text!, StringComparison.Ordinal);
        client.Must("CLIENT", "TRACKING", "ON");
        client.Must("HELLO", "2");
        Assert.Equal(-1, client.Must("CLIENT", "GETREDIR").Number);
    }

    [Fact]
    public async Task Behind_replies_that_waited_for_their_turn_it_is_told_again()
    {
        // The first reply of the pipeline is held up by a script; the second has come, and waits for its turn, when its key is changed.
        using var other = new RawClient(world.Sidecar.Port);
        other.Must("MSET", "slow", "1", "quick", "1", "go", "0");
        using var client = new CachingClient(world.Sidecar.Port);
        using var raw = new RawClient(world.Sidecar.Port);
        raw.Must("HELLO", "3");
        raw.Must("CLIENT", "TRACKING", "ON");
        raw.Send((byte[])[.. new Request("EVAL", "local t = redis.call('TIME')[1] while redis.call('TIME')[1] - t < 2 do end return 1", "1", "slow").Frame.Span, .. new Request("GET", "quick").Frame.Span]);
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        other.Must("SET", "quick", "2");
        var seen = new List<string>();
        while (seen.Count < 4)
            seen.Add(Reply.Parse(raw.Receive()).ToString());
        Assert.Equal([">[$invalidate, *[$quick]]", ":1", "$1", ">[$invalidate, *[$quick]]"], seen);
    }

    [Fact]
    public async Task One_that_waits_for_long_is_told_at_once_and_of_little_in_the_end()
    {
        using var other = new RawClient(world.Sidecar.Port);
        other.Must("DEL", "wait:1", "wait:2");
        using var client = new CachingClient(world.Sidecar.Port);
        client.Read("wait:key");
        using var waiting = new RawClient(world.Sidecar.Port);
        waiting.Must("HELLO", "3");
        waiting.Must("CLIENT", "TRACKING", "ON");
        waiting.Send(new Request("BLPOP", "wait:1", "wait:2", "0").Frame.Span);
        for (var i = 0; i < 5000; i++)
        {
            client.Read("wait:key");
            other.Must("SET", "wait:key", "x");
            client.Listen();
        }

        other.Must("RPUSH", "wait:2", "x");
        var (before, after) = (0, 0);
        for (var answered = false; !answered || waiting.HasMore;)
        {
            var isPush = Reply.Parse(waiting.Receive()).Type == '>';
            answered |= !isPush;
            before += isPush && !answered ? 1 : 0;
            after += isPush && answered ? 1 : 0;
        }

        Assert.InRange(before, 1000, 10_100);
        Assert.InRange(after, 1, 2100);
        await Eventually.ThatAsync(() => Task.FromResult(client.Listen().Told), t => t >= before, Limit);
    }

    [Fact]
    public async Task After_a_failover_nobody_keeps_what_has_changed()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, ct: TestContext.Current.CancellationToken);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: TestContext.Current.CancellationToken);
        string[] keys = [.. Enumerable.Range(0, 30).Select(i => $"f:{i}")];
        using var other = new RawClient(sidecar.Port);
        using var client = new CachingClient(sidecar.Port);
        client.Read(keys);
        await cluster.Replicas[0].ExecuteAsync("CLUSTER", "FAILOVER");
        await Eventually.ThatAsync(async () => (string)(await cluster.Replicas[0].ExecuteAsync("INFO", "replication"))!, t => t.Contains("role:master", StringComparison.Ordinal), Limit);
        foreach (var key in keys)
            other.Must("SET", key, "new");
        await Eventually.ThatAsync(() => Task.FromResult(client.Listen().Cache.Values), v => v.All(x => x == "new"), Limit);
        client.Read(keys);
        await cluster.Masters[1].KillAsync();
        await Eventually.ThatAsync(() => Task.FromResult(client.Listen().Cache.Count), c => c == 0, Limit);
    }
}
