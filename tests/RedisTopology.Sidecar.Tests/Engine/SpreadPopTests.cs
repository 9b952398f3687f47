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
