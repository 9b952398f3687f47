using System.Text;
using RedisTopology.Sidecar.Tests.Wire;

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
        string[] script =
        [
            "FLUSHALL", $"HELLO {protocol}", "SET text x", "MULTI", "PING", "SET a 1", "RPUSH b 1 2 3", "ECHO hi", "LRANGE b 0 -1", "GET none", "INCR text", "HSET h f v", "HGETALL h", "INCR a",
            "EVAL return{1,{2,'x'}} 0", "EXEC", "GET a", "GET text", "MULTI", "SET a 2", "GET", "SET b 2", "EXEC", "GET a", "MULTI", "INCR x", "INCR y", "DISCARD", "MGET x y", "MULTI", "EXEC", "MULTI", "INCR x", "INCR y", "EXEC", "MGET x y",
        ];
        foreach (var line in script)
        {
            var (expected, actual) = (straight.Raw(line.Split(' ')), through.Raw(line.Split(' ')));
            if (!line.StartsWith("HELLO", StringComparison.Ordinal))
                Assert.True(expected.AsSpan().SequenceEqual(actual), $"{line}\none server: {Encoding.Latin1.GetString(expected)}\nsidecar:    {Encoding.Latin1.GetString(actual)}");
        }
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

    [Fact]
    public void With_watched_keys_it_is_refused_and_nothing_of_it_done()
    {
        using var client = world.Connect();
        client.Must("FLUSHALL");
        client.Must("WATCH", "w");
        client.Must("MULTI");
        client.Must("SET", "w", "1");
        client.Must("SET", "other", "1");
        Assert.StartsWith("CROSSSLOT", client.Call("EXEC").Text!, StringComparison.Ordinal);
        Assert.Equal(0, client.Must("EXISTS", "w", "other").Number);
        Assert.Equal("PONG", client.Must("PING").Text);
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
