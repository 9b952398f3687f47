using System.Diagnostics;
using System.Globalization;
using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Churn;

/// <summary>What big values and clients that do not read cost in memory: claims 7, 8 and 10 of the design.</summary>
public sealed class MemoryTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public void Four_hundred_unread_replies_of_a_megabyte_cost_16_MB_at_most()
    {
        using var socket = fixture.Sidecar.Connect();
        var value = new string('m', (int)Megabyte);
        Assert.Equal("+OK\r\n", socket.Call("SET", "unread", value));
        Assert.Equal(value.Length + 12, socket.Call("GET", "unread").Length);
        var before = fixture.Sidecar.ResidentBytes();
        using var lazy = fixture.Sidecar.Connect();
        for (var i = 0; i < 400; i++)
            lazy.Send("GET", "unread");

        // Meanwhile the sidecar has work to do for others, over the same servers.
        var most = before;
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal("+OK\r\n", socket.Call("SET", $"meanwhile{i % 20}", "x"));
            Assert.Equal("$1\r\nx\r\n", socket.Call("GET", $"meanwhile{i % 20}"));
            most = Math.Max(most, fixture.Sidecar.ResidentBytes());
        }

        Report($"400 x 1 MB unread: RSS {before >> 10} -> {most >> 10} KiB");
        Assert.InRange(most - before, long.MinValue, 16 * Megabyte);

        // It was slow, not gone: all of it is still to be had. (A receive buffer made smaller than a packet of the loopback would never open its window again.)
        var deadline = TimeSpan.FromSeconds(60);
        var reading = Stopwatch.StartNew();
        for (var i = 0; i < 400; i++)
        {
            Assert.Equal(value.Length + 12, lazy.ReadFrame().Length);
            Assert.True(reading.Elapsed < deadline, $"only {i + 1} of 400 replies in {deadline}");
        }

        Assert.InRange(fixture.Sidecar.ResidentBytes() - before, long.MinValue, 16 * Megabyte);
    }

    [Fact]
    public void A_client_that_writes_all_of_a_batch_before_it_reads_gets_all_of_it()
    {
        // More than the kernel keeps for either end.
        const int Commands = 6_000;
        var key = new string('k', 1000);
        using var socket = fixture.Sidecar.Connect();
        Assert.Equal(":500\r\n", socket.Call(["RPUSH", key, .. Enumerable.Repeat("foo", 500)]));
        using var writer = fixture.Sidecar.Connect();
        writer.Socket.SendBufferSize = 16 * 1024;
        var before = fixture.Sidecar.ResidentBytes();
        var command = RespSocket.Encode("LRANGE", key, "0", "499");
        writer.Send([.. Enumerable.Repeat(command, Commands).SelectMany(c => c)]);
        var most = fixture.Sidecar.ResidentBytes();
        for (var i = 0; i < Commands; i++)
            Assert.Equal("*500\r\n".Length + (500 * "$3\r\nfoo\r\n".Length), writer.ReadFrame().Length);
        Report($"27 MB of replies unread while their commands were written: RSS {before >> 10} -> {most >> 10} KiB");
        Assert.InRange(most - before, long.MinValue, 16 * Megabyte);
        Assert.Equal(":1\r\n", socket.Call("DEL", key));
    }

    [Fact]
    public void A_value_of_64_MB_passes_through_in_8_MB()
    {
        using var socket = fixture.Sidecar.Connect();
        Assert.Equal("+OK\r\n", socket.Call("SET", "small", "x"));
        var value = new byte[64 * Megabyte];
        new Random(1).NextBytes(value);
        var head = Encoding.ASCII.GetBytes($"*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n${value.Length.ToString(CultureInfo.InvariantCulture)}\r\n");
        var before = fixture.Sidecar.ResidentBytes();
        var most = before;
        for (var round = 0; round < 2; round++)
        {
            socket.Send(head);
            for (var at = 0; at < value.Length; at += (int)Megabyte)
            {
                socket.Send(value.AsSpan(at, (int)Megabyte));
                most = Math.Max(most, fixture.Sidecar.ResidentBytes());
            }

            socket.Send("\r\n"u8);
            Assert.Equal("+OK\r\n"u8, socket.ReadFrame());
            socket.Send("GET", "big");
            var reply = socket.ReadFrame();
            most = Math.Max(most, fixture.Sidecar.ResidentBytes());
            Assert.True(reply.AsSpan()[^(value.Length + 2)..^2].SequenceEqual(value), "the value came back changed");
        }

        Report($"64 MB SET and GET: RSS {before >> 10} -> {most >> 10} KiB");
        Assert.InRange(most - before, long.MinValue, 8 * Megabyte);
        Assert.Equal(":1\r\n", socket.Call("DEL", "big"));
    }

    [Fact]
    public async Task What_big_values_needed_is_given_back_once_it_is_quiet()
    {
        var value = new string('v', 2 * (int)Megabyte);
        var sockets = Enumerable.Range(0, 16).Select(_ => fixture.Sidecar.Connect()).ToArray();
        var most = 0L;
        // Whatever the first of them leaves for good is no matter here.
        BigValues(sockets[..1], value);
        await Task.Delay(TimeSpan.FromSeconds(7), TimeProvider.System, TestContext.Current.CancellationToken);
        var before = fixture.Sidecar.ResidentBytes();
        for (var round = 0; round < 3; round++)
        {
            BigValues(sockets, value);
            most = Math.Max(most, fixture.Sidecar.ResidentBytes());
        }

        // Its clients are still there.
        var after = await Eventually.ThatAsync(() => Task.FromResult(fixture.Sidecar.ResidentBytes()), r => r - before < 6 * Megabyte, TimeSpan.FromSeconds(30));
        Report($"16 clients with values of 2 MB: RSS {before >> 10} -> {most >> 10} -> {after >> 10} KiB");
        foreach (var socket in sockets)
            socket.Dispose();
    }

    private static void BigValues(RespSocket[] sockets, string value)
    {
        for (var i = 0; i < sockets.Length; i++)
        {
            Assert.Equal("+OK\r\n", sockets[i].Call("SET", $"big:{i}", value));
            sockets[i].Send([.. RespSocket.Encode("MGET", $"big:{i}", $"big:{(i + 1) % sockets.Length}"), .. RespSocket.Encode("GET", $"big:{i}")]);
        }

        foreach (var socket in sockets)
            _ = (socket.ReadFrame(), socket.ReadFrame());
    }

    private static void Report(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);
}
