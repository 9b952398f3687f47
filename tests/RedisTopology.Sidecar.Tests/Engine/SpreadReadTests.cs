using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>XREAD and XREADGROUP of streams in several slots, against one plain server.</summary>
public sealed class SpreadReadTests(SidecarFixture world) : IClassFixture<SidecarFixture>
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
            "FLUSHALL", "XREAD STREAMS a b c 0 0 0", "XADD a 1-1 f v", "XADD a 2-1 f v", "XADD c 1-1 f v g w", "XADD {a}2 9-9 f v", "XREAD STREAMS a b c 0 0 0", "XREAD COUNT 1 STREAMS c {a}2 b a a 0 0 0 0 1",
            "XREAD BLOCK 0 STREAMS a b c 0 0 0", "XREAD BLOCK 30 STREAMS a b c 2-1 0 1-1", "XREAD BLOCK 30 STREAMS a b c $ $ $", "XREAD STREAMS a b c $ $ $", "XREAD BLOCK x STREAMS a b 0 0", "XREAD BLOCK -1 STREAMS a b 0 0",
            "XREAD STREAMS a b c 0 0", "XREAD STREAMS a b x 0", "XREAD COUNT x STREAMS a b 0 0", "SET s x", "XREAD STREAMS s a 0 0", "XREAD BLOCK 30 STREAMS a s 0 $", "XREADGROUP GROUP g me STREAMS a c > >",
            "XGROUP CREATE a g 0", "XGROUP CREATE b g 0 MKSTREAM", "XGROUP CREATE c g 0", "XREADGROUP GROUP g me COUNT 1 STREAMS c b a > > >", "XREADGROUP GROUP g me BLOCK 30 NOACK STREAMS c b a > > >",
            "XREADGROUP GROUP g me BLOCK 30 STREAMS c b a > > >", "XREADGROUP GROUP g me STREAMS c b a 0 0 0", "XREADGROUP GROUP g me BLOCK 0 STREAMS c b a 0 > >", "XREADGROUP GROUP block me BLOCK 30 STREAMS a b > >", "PING",
        ];
        foreach (var line in script)
            through.MustAnswerAs(straight, line);
    }

    [Theory]
    [InlineData("$")]
    [InlineData("0-0")]
    public async Task One_that_waits_is_given_what_comes(string after)
    {
        using var writer = new RawClient(world.Sidecar.Port);
        writer.Must("FLUSHALL");
        if (after == "$")
        {
            writer.Must("XADD", "s1", "5-1", "old", "1");
            writer.Must("XDEL", "s1", "5-1");
            writer.Must("XADD", "s2", "5-1", "old", "1");
        }

        using var reader = new RawClient(world.Sidecar.Port);
        reader.Send(new Request("XREAD", "BLOCK", "0", "STREAMS", "s1", "s2", "s3", after, after, after).Frame.Span);
        await WaitsAsync(writer);
        // By then "$" is known to be what it is now.
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, TestContext.Current.CancellationToken);
        writer.Must("XADD", "s2", "6-1", "new", "1");
        Assert.Equal("6-1", Reply.Parse(reader.Receive()).Array[0].Array[1].Array[0].Array[0].Text);
    }

    [Fact]
    public async Task Readers_of_a_group_share_all_entries_between_them()
    {
        using var writer = new RawClient(world.Sidecar.Port);
        writer.Must("FLUSHALL");
        string[] streams = [.. Enumerable.Range(0, 5).Select(i => $"log:{i}")];
        foreach (var stream in streams)
            writer.Must("XGROUP", "CREATE", stream, "g", "0", "MKSTREAM");
        var readers = Enumerable.Range(0, 3).Select(n => Task.Run(() => ReadAll(streams, $"c{n}"))).ToArray();
        for (var i = 0; i < 200; i++)
            writer.Must("XADD", streams[i % streams.Length], "*", "n", $"{i}");
        var read = await Task.WhenAll(readers);
        Assert.Equal(Enumerable.Range(0, 200).Order(), read.SelectMany(r => r).Order());
    }

    private List<int> ReadAll(string[] streams, string consumer)
    {
        using var client = new RawClient(world.Sidecar.Port);
        var read = new List<int>();
        // The last wait tells that there is no more.
        while (client.Must(["XREADGROUP", "GROUP", "g", consumer, "COUNT", "3", "BLOCK", "2000", "STREAMS", .. streams, .. streams.Select(_ => ">")]) is { IsNull: false } reply)
            read.AddRange(reply.Array.SelectMany(s => s.Array[1].Array).Select(e => int.Parse(e.Array[1].Array[1].Text!, System.Globalization.CultureInfo.InvariantCulture)));
        return read;
    }

    private static Task<string> WaitsAsync(RawClient other) =>
        Eventually.ThatAsync(() => Task.FromResult(other.Must("CLIENT", "LIST").Text!), l => l.Contains("flags=b", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
}
