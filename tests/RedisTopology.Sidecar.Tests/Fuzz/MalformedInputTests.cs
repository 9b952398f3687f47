using System.Net.Sockets;
using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Fuzz;

/// <summary>Whatever a client sends: the sidecar stays up, bounded in memory, frames it as Redis does, and others notice nothing.</summary>
public sealed class MalformedInputTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // How long a plain server on loopback, asked over one connection at a time, may be silent before it is believed to have said all.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(25);

    private readonly List<string> _inputs = [];
    private RespSocket _other = null!;

    public void Dispose() => _other?.Dispose();

    [Fact]
    public void Malformed_requests_are_framed_as_one_server_does()
    {
        using var bystander = fixture.Sidecar.Connect();
        _other = RespSocket.Connect(fixture.Plain.Port);
        var compared = 0;
        foreach (var seed in FuzzBudget.Seeds(200))
        {
            var input = new MalformedInput(new Random(seed)).Next();
            compared += Compare(seed, input);
            var tag = $"bystander-{seed}";
            Assert.Equal($"${tag.Length}\r\n{tag}\r\n", bystander.Call("ECHO", tag));
            Assert.Equal("+OK\r\n", bystander.Call("SET", "bystander", tag));
            Assert.Equal($"${tag.Length}\r\n{tag}\r\n", bystander.Call("GET", "bystander"));
        }

        Assert.False(fixture.Sidecar.Process.HasExited, fixture.Sidecar.Process.LogTail());
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} replies compared");
        Assert.True(compared > 100);
    }

    [Fact]
    public void Random_bytes_do_no_harm()
    {
        var before = fixture.Sidecar.ResidentBytes();
        foreach (var seed in FuzzBudget.Seeds(300))
        {
            var random = new Random(seed);
            var bytes = new byte[random.Next(1, 4096)];
            random.NextBytes(bytes);
            using var socket = fixture.Sidecar.Connect();
            try
            {
                socket.Send(bytes);
            }
            catch (SocketException)
            {
                // It may hang up on us while we speak.
            }
        }

        using var after = fixture.Sidecar.Connect();
        Assert.Equal("+PONG\r\n", after.Call("PING"));
        Assert.InRange(fixture.Sidecar.ResidentBytes() - before, long.MinValue, 64 << 20);
    }

    [Fact]
    public void Promised_but_absent_bytes_cost_nothing()
    {
        using (var warm = fixture.Sidecar.Connect())
            warm.Call("PING");
        var before = fixture.Sidecar.ResidentBytes();
        string[] promises = ["*3\r\n$3\r\nSET\r\n$1\r\na\r\n$536870912\r\nx", "*1048576\r\n", "*1048576\r\n$4\r\nMGET\r\n", "*2\r\n$3\r\nGET\r\n$536870912\r\n", "*2\r\n$536870912\r\n"];
        var sockets = new List<RespSocket>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                sockets.Add(fixture.Sidecar.Connect());
                sockets[^1].Send(Encoding.Latin1.GetBytes(promises[i % promises.Length]));
            }

            using var other = fixture.Sidecar.Connect();
            for (var i = 0; i < 100; i++)
                Assert.Equal("+PONG\r\n", other.Call("PING"));
            Assert.InRange(fixture.Sidecar.ResidentBytes() - before, long.MinValue, 64 << 20);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
    }

    private static void Send(RespSocket to, ReadOnlySpan<byte> bytes, int seed, string whom)
    {
        try
        {
            to.Send(bytes);
        }
        catch (SocketException e)
        {
            throw new IOException($"seed {seed}: {whom} hung up while it was spoken to: {e.Message}", e);
        }
    }

    /// <summary>Frame by frame; the texts of errors may differ, that there is one may not.</summary>
    private int Compare(int seed, byte[] input)
    {
        using var straight = RespSocket.Connect(fixture.Plain.Port, Quiet);
        Send(straight, input, seed, "the plain server");
        // One thread serves all connections in turn, and reads 16 KiB of each: by now it has taken all of this one, however busy the machine is.
        for (var turns = 4 + (input.Length / (16 * 1024)); turns > 0; turns--)
            _other.Call("PING");
        var (expected, closes) = ReadAll(straight, int.MaxValue);
        using var through = fixture.Sidecar.Connect(Patience);
        for (var rest = input.AsSpan(); !rest.IsEmpty;)
        {
            var piece = seed % 3 == 0 ? Math.Min(rest.Length, 1 + (seed % 7)) : rest.Length;
            try
            {
                Send(through, rest[..piece], seed, "the sidecar");
            }
            catch (IOException)
            {
                // It may refuse what a server would wait for (more than a million arguments); what it must answer, and whether it must hang up, is compared below.
                break;
            }

            rest = rest[piece..];
        }

        var (actual, closed) = ReadAll(through, closes ? int.MaxValue : expected.Count);
        // A server that takes the client for a web browser hangs up without the replies it has not written yet: how many those are is a matter of its timing.
        var same = Math.Min(expected.Count, actual.Count);
        var hangsUp = closes && !(expected.Count > 0 && expected[^1].StartsWith("-ERR Protocol error", StringComparison.Ordinal));
        var text = Encoding.Latin1.GetString(input);
        var before = _inputs.Where(i => Keys(i).Any(k => text.Contains(k, StringComparison.Ordinal))).TakeLast(6).Select(Cut);
        _inputs.Add(text);
        var context = $"seed {seed}, input {Cut(text)}\none server: {string.Join(' ', expected.Select(Cut))}{(closes ? " (closes)" : "")}\nsidecar:    {string.Join(' ', actual.Select(Cut))}{(closed ? " (closes)" : "")}\nbefore it:  {string.Join("\n            ", before)}";
        Assert.True((expected.Count == actual.Count || hangsUp) && (!closes || closed), context);
        for (var i = 0; i < same; i++)
            Assert.True(expected[i] == actual[i] || (expected[i][0] == '-' && actual[i][0] == '-'), context);
        return expected.Count;
    }

    private static IEnumerable<string> Keys(string text) => Enumerable.Range(0, 10).Select(n => $"fuzz{n}").Where(k => text.Contains(k, StringComparison.Ordinal));

    private static (List<string> Frames, bool Closed) ReadAll(RespSocket socket, int atMost)
    {
        var frames = new List<string>();
        while (frames.Count < atMost)
        {
            try
            {
                frames.Add(Encoding.Latin1.GetString(socket.ReadFrame()));
            }
            catch (IOException e)
            {
                return (frames, e.InnerException is not SocketException { SocketErrorCode: SocketError.TimedOut or SocketError.WouldBlock or SocketError.TryAgain });
            }
        }

        return (frames, false);
    }

    private static string Cut(string text) => (text.Length > 200 ? $"{text[..200]}... ({text.Length})" : text).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
