using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Transactions whose keys are in several slots, with <c>transactions: PerSlot</c>, against one plain server.</summary>
public sealed class SpreadTransactionTests(SpreadTransactionTests.World world) : IClassFixture<SpreadTransactionTests.World>
{
    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void Replies_are_those_of_one_server(string protocol)
    {
        using var through = world.Connect();
        using var straight = new RawClient(world.Plain.Port);
        _ = (through.Must("HELLO", protocol), straight.Must("HELLO", protocol));
        string[] script =
        [
            "FLUSHALL", "SET text x", "MULTI", "PING", "SET a 1", "RPUSH b 1 2 3", "ECHO hi", "LRANGE b 0 -1", "GET none", "INCR text", "HSET h f v", "HGETALL h", "INCR a",
            "EVAL return{1,{2,'x'}} 0", "EXEC", "GET a", "GET text", "MULTI", "SET a 2", "GET", "SET b 2", "EXEC", "GET a", "MULTI", "INCR x", "INCR y", "DISCARD", "MGET x y", "MULTI", "EXEC", "MULTI", "INCR x", "INCR y", "EXEC", "MGET x y",
            "WATCH a", "MULTI", "INCR x", "EXEC", "WATCH a b c {a}2", "MULTI", "GET a", "SET d 1", "PING", "INCR a", "GET c", "EXEC", "WATCH a b", "MULTI", "PING", "EXEC", "WATCH a", "WATCH b", "WATCH b", "UNWATCH", "SET a 5",
            "WATCH a b", "SET b 7", "MULTI", "INCR a", "INCR x", "EXEC", "MGET a x", "WATCH a b", "MULTI", "INCR a", "DISCARD", "WATCH b", "MULTI", "INCR a", "GET", "EXEC", "WATCH a b", "MULTI", "EXEC", "INCR a",
            "MULTI", "MSET m1 1 m2 2 m3 3", "GET m2", "MGET m3 none m1 m2 m1", "EXISTS m1 m2 none", "LPUSH m1 x", "TOUCH m1 m3", "DEL m1 none m2", "MGET a", "MSET same 1", "UNLINK m3 m1", "EXEC", "MGET m1 m2 m3",
            "WATCH m1", "MULTI", "MSET m1 1 m2 2", "MSET m1", "EXEC", "MULTI", "MSET m1 1 m2 2", "MGET m1 m2", "EXEC", "WATCH m1 m4", "MULTI", "MSET m1 5 m5 5", "MGET m1 m5 m4", "EXEC",
            "WATCH m1", "SET m1 0", "MULTI", "MSET m1 9 m2 9", "EXEC", "MGET m1 m2",
        ];
        foreach (var line in script)
            through.MustAnswerAs(straight, line);
    }

    [Fact]
    public void Many_commands_at_once_are_answered_in_their_order_and_what_follows_sees_them()
    {
        using var client = world.Connect();
        using var bytes = new MemoryStream();
        bytes.Write(new Request("MULTI").Frame.Span);
        for (var i = 0; i < 1000; i++)
            bytes.Write(new Request("SET", $"many:{i % 500}", $"{i}", "GET").Frame.Span);
        bytes.Write(new Request("EXEC").Frame.Span);
        for (var i = 0; i < 500; i++)
            bytes.Write(new Request("GET", $"many:{i}").Frame.Span);
        client.Must("FLUSHALL");
        client.Send(bytes.ToArray());
        Assert.Equal("OK", Reply.Parse(client.Receive()).Text);
        for (var i = 0; i < 1000; i++)
            Assert.Equal("QUEUED", Reply.Parse(client.Receive()).Text);
        var replies = Reply.Parse(client.Receive()).Array;
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => i < 500 ? null : $"{i - 500}"), replies.Select(r => r.Text));
        for (var i = 0; i < 500; i++)
            Assert.Equal($"{i + 500}", Reply.Parse(client.Receive()).Text);
    }

    [Theory]
    [InlineData("w1")]
    [InlineData("w2")]
    [InlineData("w3")]
    public void Nothing_is_done_when_any_of_the_watched_keys_has_changed(string changed)
    {
        using var client = world.Connect();
        using var other = world.Connect();
        client.Must("FLUSHALL");
        client.Must("WATCH", "w1", "w2", "w3");
        other.Must("SET", changed, "1");
        client.Must("MULTI");
        client.Must("SET", "w1", "mine");
        client.Must("SET", "w2", "mine");
        client.Must("SET", "other", "mine");
        Assert.True(client.Must("EXEC").IsNull);
        Assert.Equal(["1"], client.Must("MGET", "w1", "w2", "w3", "other").Array.Select(v => v.Text).OfType<string>());
        client.Must("MULTI");
        client.Must("SET", "w1", "again");
        client.Must("SET", "other", "again");
        Assert.Equal("OK", client.Must("EXEC").Array[1].Text);
    }

    [Fact]
    public async Task Many_who_watch_one_key_and_change_others_with_it_lose_and_double_nothing()
    {
        using var client = world.Connect();
        client.Must("FLUSHALL");
        var aborted = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => CountUp("watched", 50))));
        Assert.Equal("200", client.Must("GET", "watched").Text);
        Assert.Equal(200, client.Must("LLEN", "beside").Number);
        Assert.True(aborted.Sum() > 0, "nobody came in another's way");
    }

    [Theory]
    [InlineData("lost:1")]
    [InlineData("lost:1", "lost:2", "lost:3")]
    public void Nothing_is_done_when_a_connection_that_watched_is_lost(params string[] watched)
    {
        using var client = world.Connect();
        client.Must("FLUSHALL");
        client.Must(["WATCH", .. watched]);
        foreach (var master in world.Cluster.Masters)
        {
            using var server = RespSocket.Connect(master.Port);
            server.Call("CLIENT", "KILL", "TYPE", "normal");
        }

        client.Must("MULTI");
        client.Must("SET", "lost:1", "mine");
        client.Must("SET", "other", "mine");
        Assert.True(client.Must("EXEC").IsNull);
        Assert.Equal(0, client.Must("EXISTS", "lost:1", "other").Number);
    }

    [Fact]
    public async Task What_follows_a_watched_key_that_changes_during_EXEC_is_not_executed_and_says_so()
    {
        // One key of each master: while the first is busy with its part of the transaction, the second's changes.
        var keys = Enumerable.Range(0, 3).Select(shard => Enumerable.Range(0, 1000).Select(i => $"during:{i}").First(k => HashSlot.Of(k) / 5462 == shard)).ToArray();
        const string Busy = "local function now() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end local begun = now() repeat until now() - begun > 700 return 1";
        using var client = world.Connect();
        for (var pause = 100; ; pause *= 2)
        {
            client.Must("FLUSHALL");
            client.Must("WATCH", keys[0], keys[1]);
            client.Must("MULTI");
            client.Must("EVAL", Busy, "1", keys[0]);
            foreach (var key in keys)
                client.Must("SET", key, "mine");
            client.Send(new Request("EXEC").Frame.Span);
            await Task.Delay(TimeSpan.FromMilliseconds(pause), TimeProvider.System, TestContext.Current.CancellationToken);
            using (var other = RespSocket.Connect(world.Cluster.Masters[1].Port))
                Assert.Equal("+OK\r\n", other.Call("SET", keys[1], "another's"));
            var replies = Reply.Parse(client.Receive());
            // Nil when it was seen before the first part began, all done when after it: too early or too late on a busy machine.
            if (pause < 800 && (replies.IsNull || !replies.Array[2].IsError))
                continue;
            Assert.Equal(["OK", "EXECABORT", "EXECABORT"], replies.Array[1..].Select(r => r.Text!.Split(' ')[0]));
            Assert.Equal(["mine", "another's", null], client.Must(["MGET", .. keys]).Array.Select(v => v.Text));
            return;
        }
    }

    private int CountUp(string key, int times)
    {
        using var client = world.Connect();
        for (var (done, aborted) = (0, 0); ;)
        {
            client.Must("WATCH", key, "nobody-touches-this");
            var value = int.Parse(client.Must("GET", key).Text ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            client.Must("MULTI");
            client.Must("RPUSH", "beside", $"{value}");
            client.Must("SET", key, $"{value + 1}");
            if (client.Must("EXEC").IsNull)
                aborted++;
            else if (++done == times)
                return aborted;
        }
    }

    [Fact]
    public void A_command_whose_own_keys_are_apart_spoils_it()
    {
        using var client = world.Connect();
        client.Must("FLUSHALL");
        client.Must("MULTI");
        client.Must("SET", "a", "1");
        Assert.StartsWith("CROSSSLOT", client.Call("RENAME", "a", "b").Text!, StringComparison.Ordinal);
        Assert.StartsWith("EXECABORT", client.Call("EXEC").Text!, StringComparison.Ordinal);
        Assert.Equal(0, client.Must("EXISTS", "a", "b").Number);
    }

    public sealed class World : SidecarFixture
    {
        protected override string[] Options => ["allow: [FLUSHALL]", "transactions: PerSlot"];

        internal RawClient Connect() => new(Sidecar.Port);
    }
}
