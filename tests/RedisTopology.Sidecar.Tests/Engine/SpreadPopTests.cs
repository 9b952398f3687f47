using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Pops that wait, and whose keys are in several slots, against one plain server.</summary>
public sealed class SpreadPopTests(SidecarFixture world) : IClassFixture<SidecarFixture>
{
    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void Replies_are_those_of_one_server(string protocol)
    {
        using var through = new RawClient(world.Sidecar.Port);
        using var straight = new RawClient(world.Plain.Port);
        _ = (through.Must("HELLO", protocol), straight.Must("HELLO", protocol));
        string[] script =
        [
            "FLUSHALL", "RPUSH b 1 2 3", "BLPOP a b c 0", "BRPOP c a b 1.5", "BLPOP a c 0.05", "BRPOP c b 1", "EXISTS b", "ZADD z 1 one 2.5 two 3 three", "BZPOPMIN a z 1", "BZPOPMAX z a 1",
            "BZPOPMAX a c 0.05", "BZPOPMIN y z 0", "RPUSH c x", "BZPOPMIN a c 1", "BLPOP a z c 1", "SET s 1", "RPUSH t 1", "BLPOP s t 1", "BLPOP t s 1", "BLPOP a b -1", "BLPOP a b x", "PING",
            "DEL b c s t z", "RPUSH b 1 2 3 4 5", "BLMPOP 0 3 a b c LEFT", "BLMPOP 1 3 a b c RIGHT COUNT 2", "BLMPOP 0.05 2 a c LEFT", "ZADD z 1 one 2.5 two 3 three", "BZMPOP 0 2 a z MIN", "BZMPOP 0 2 z b MAX COUNT 5",
            "BZMPOP 0.05 2 y z MIN", "BLMPOP x 2 a b LEFT", "BLMPOP -1 2 a b LEFT", "BLMPOP 1 2 a b UP", "BLMPOP 1 2 a b LEFT COUNT 0", "BLMPOP 1 9 a b LEFT", "BZMPOP 1 2 b z MIN", "EXISTS b",
            "MULTI", "RPUSH {t}1 a", "BLPOP {t}0 {t}1 0", "EXEC",
            "DEL b z", "RPUSH b 1 2 3 4 5", "LMPOP 3 a b c LEFT", "LMPOP 3 a b c RIGHT COUNT 2", "LMPOP 2 a c LEFT", "ZADD z 1 one 2.5 two 3 three", "ZMPOP 2 a z MIN", "ZMPOP 3 a z y MAX COUNT 5", "ZMPOP 2 y z MIN",
            "ZADD z 1 one", "LMPOP 2 z b LEFT", "LMPOP 2 b z LEFT", "ZMPOP 2 a b MIN", "LMPOP x a b LEFT", "LMPOP 0 a b LEFT", "LMPOP 9 a b LEFT", "LMPOP 2 a b UP", "LMPOP 2 a b LEFT COUNT 0", "LMPOP 2 a b LEFT COUNT x", "LMPOP 3 a b LEFT", "BLMPOP 1 3 a b LEFT",
            "RPUSH {b}2 x", "LMPOP 2 {b}1 {b}2 LEFT", "MULTI", "LMPOP 2 {b}1 {b}2 LEFT", "EXEC",
        ];
        foreach (var line in script)
            through.MustAnswerAs(straight, line);
    }

    [Fact]
    public async Task One_that_waits_is_given_what_comes_and_several_that_wait_lose_and_double_nothing()
    {
        using var writer = new RawClient(world.Sidecar.Port);
        writer.Must("FLUSHALL");
        const int Elements = 300;
        var taken = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(() => TakeAll(n))).Append(Task.Run(() => Push(writer, Elements))));
        Assert.Equal(Enumerable.Range(0, Elements).Select(i => $"{i}").Order(StringComparer.Ordinal), taken.SelectMany(t => t).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_client_that_leaves_takes_nothing_any_more()
    {
        using var writer = new RawClient(world.Sidecar.Port);
        writer.Must("FLUSHALL");
        using (var leaves = new RawClient(world.Sidecar.Port))
        {
            leaves.Send(new Request("BLPOP", "left:1", "left:2", "0").Frame.Span);
            await Eventually.ThatAsync(() => Task.FromResult(writer.Must("CLIENT", "LIST").Text!), l => l.Contains("flags=b", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        }

        await Eventually.ThatAsync(() => Task.FromResult(writer.Must("CLIENT", "LIST").Text!), l => !l.Contains("flags=b", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        writer.Must("RPUSH", "left:2", "x");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(1, writer.Must("LLEN", "left:2").Number);
    }

    [Fact]
    public void A_pop_over_several_slots_in_a_pipeline_sees_what_came_before_it_and_nothing_of_what_follows()
    {
        using var client = new RawClient(world.Sidecar.Port);
        client.Must("FLUSHALL");
        client.Send(new Request("RPUSH", "line:1", "1", "2").Frame.Span);
        client.Send(new Request("LMPOP", "3", "line:3", "line:2", "line:1", "LEFT").Frame.Span);
        client.Send(new Request("RPUSH", "line:2", "3").Frame.Span);
        client.Send(new Request("LMPOP", "3", "line:3", "line:2", "line:1", "LEFT").Frame.Span);
        Assert.Equal(":2\r\n"u8.ToArray(), client.Receive());
        Assert.Equal("*2\r\n$6\r\nline:1\r\n*1\r\n$1\r\n1\r\n"u8.ToArray(), client.Receive());
        Assert.Equal(":1\r\n"u8.ToArray(), client.Receive());
        Assert.Equal("*2\r\n$6\r\nline:2\r\n*1\r\n$1\r\n3\r\n"u8.ToArray(), client.Receive());
    }

    /// <summary>In one slot and over several: what waits is ended, and its connection goes on.</summary>
    [Theory]
    [InlineData("2", "BLPOP", "{u}1", "{u}2", "0")]
    [InlineData("2", "BLPOP", "u1", "u2", "0")]
    [InlineData("3", "BLPOP", "u1", "u2", "0")]
    [InlineData("2", "BZMPOP", "0", "2", "u1", "u2", "MIN")]
    [InlineData("3", "BZMPOP", "0", "2", "u1", "u2", "MIN")]
    [InlineData("2", "BLMOVE", "{u}1", "{u}2", "LEFT", "RIGHT", "0")]
    [InlineData("3", "BLMOVE", "{u}1", "{u}2", "LEFT", "RIGHT", "0")]
    [InlineData("2", "XREAD", "BLOCK", "0", "STREAMS", "u3", "u4", "$", "$")]
    [InlineData("3", "XREAD", "BLOCK", "0", "STREAMS", "u3", "u4", "$", "$")]
    [InlineData("2", "WAIT", "9", "0")]
    public async Task CLIENT_UNBLOCK_ends_what_waits(string protocol, params string[] command)
    {
        using var through = new RawClient(world.Sidecar.Port);
        using var straight = new RawClient(world.Plain.Port);
        using var asks = new RawClient(world.Sidecar.Port);
        using var asksStraight = new RawClient(world.Plain.Port);
        _ = (through.Must("HELLO", protocol), straight.Must("HELLO", protocol));
        // Both have a master without such replicas to wait for, and the same number of those it has: none but for this.
        var isWait = command[0] == "WAIT";
        foreach (var reason in (string[])["TIMEOUT", "ERROR"])
        {
            var (expected, actual) = (await UnblockedAsync(straight, asksStraight, command, reason), await UnblockedAsync(through, asks, command, reason));
            Assert.True(isWait && reason == "TIMEOUT" ? actual.StartsWith(':') : expected == actual, $"{reason}\none server: {expected}\nsidecar:    {actual}");
            Assert.Equal(0, asks.Must("CLIENT", "UNBLOCK", $"{through.Must("CLIENT", "ID").Number}").Number);
            through.MustAnswerAs(straight, "PING");
        }
    }

    private static async Task<string> UnblockedAsync(RawClient waits, RawClient asks, string[] command, string reason)
    {
        var id = $"{waits.Must("CLIENT", "ID").Number}";
        waits.Send(new Request(command).Frame.Span);
        await Eventually.ThatAsync(() => Task.FromResult(asks.Must("CLIENT", "UNBLOCK", id, reason).Number), n => n == 1, TimeSpan.FromSeconds(20));
        return System.Text.Encoding.ASCII.GetString(waits.Receive());
    }

    [Theory]
    [InlineData("BLPOP", "killed:1", "killed:2", "0")]
    [InlineData("BLPOP", "{killed}:1", "{killed}:2", "0")]
    public async Task CLIENT_KILL_ends_what_waits_and_nothing_is_taken_for_it(params string[] command)
    {
        using var asks = new RawClient(world.Sidecar.Port);
        using var waits = new RawClient(world.Sidecar.Port);
        var id = waits.Must("CLIENT", "ID").Number;
        waits.Send(new Request(command).Frame.Span);
        await Eventually.ThatAsync(() => Task.FromResult(asks.Must("CLIENT", "LIST", "ID", $"{id}").Text!), l => l.Contains("flags=b", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        Assert.Equal(1, asks.Must("CLIENT", "KILL", "ID", $"{id}").Number);
        Assert.Throws<IOException>(() => waits.Receive());
        // Longer than the longest pause between two rounds.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        asks.Must("RPUSH", command[2], "x");
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal(1, asks.Must("LLEN", command[2]).Number);
        asks.Must("DEL", command[2]);
    }

    private static List<string> Push(RawClient writer, int elements)
    {
        for (var i = 0; i < elements; i++)
            writer.Must("RPUSH", $"queue:{i % 7}", $"{i}");
        return [];
    }

    private List<string> TakeAll(int turn)
    {
        using var client = new RawClient(world.Sidecar.Port);
        var queues = Enumerable.Range(0, 7).Select(i => $"queue:{(i + turn) % 7}");
        var taken = new List<string>();
        // The last wait tells that there is no more.
        while (client.Must(["BLPOP", .. queues, "2"]) is { IsNull: false } reply)
            taken.Add(reply.Array[1].Text!);
        return taken;
    }
}
