using System.Globalization;
using System.Net.Sockets;
using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Churn;

/// <summary>
/// Clients that come and go at random, in the middle of requests and replies. Every value says whose it is, so a reply that belongs to anybody else is seen at once: the bug of proxies
/// that reuse a connection's number or buffer too early.
/// </summary>
/// <param name="port">The sidecar's.</param>
/// <param name="threads">Clients at a time.</param>
/// <param name="pause">Between one client and the next, for each thread: zero is as fast as it goes.</param>
internal sealed class ChurnLoad(int port, int threads, TimeSpan pause = default)
{
    private readonly Lock _lock = new();
    private long _replies;
    private long _connections;

    /// <summary>Replies read and found to be the right ones.</summary>
    public long Replies => Interlocked.Read(ref _replies);

    /// <summary>Connections made.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>What was wrong: empty when all is well.</summary>
    public List<string> Mismatches { get; } = [];

    /// <summary>Runs until <paramref name="time"/> is over.</summary>
    public void Run(int seed, TimeSpan time)
    {
        var started = TimeProvider.System.GetTimestamp();
        var all = Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            var random = new Random(seed + t);
            for (var i = 0; TimeProvider.System.GetElapsedTime(started) < time && Mismatches.Count == 0; i++)
            {
                if (pause > TimeSpan.Zero)
                    Task.Delay(pause, TimeProvider.System).Wait();
                try
                {
                    OneClient(random, string.Create(CultureInfo.InvariantCulture, $"{seed}-{t}-{i}"));
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    Wrong($"{t}-{i}: {e.Message}");
                }
            }
        })).ToList();
        all.ForEach(t => t.Start());
        all.ForEach(t => t.Join());
    }

    private void OneClient(Random random, string tag)
    {
        using var socket = RespSocket.Connect(port);
        Interlocked.Increment(ref _connections);
        if (random.Next(10) == 0)
        {
            OneSubscriber(socket, random, tag);
            return;
        }

        for (var pipelines = random.Next(1, 5); pipelines > 0; pipelines--)
        {
            var (request, expected) = Pipeline(random, tag);
            var leaves = pipelines == 1 && random.Next(2) == 0;

            // Gone in the middle of a request.
            if (leaves && random.Next(2) == 0)
                request = request[..random.Next(request.Length)];
            socket.Send(request);
            var reads = leaves ? random.Next(expected.Count) : expected.Count;
            if (leaves)
                reads = Math.Min(reads, CompleteIn(request, expected.Count));
            for (var i = 0; i < reads; i++)
            {
                Expect(Encoding.Latin1.GetString(socket.ReadFrame()), expected[i], tag);
            }

            // Closed with replies unread, the kernel sends a reset.
            if (leaves && random.Next(3) == 0)
                socket.Socket.LingerState = new LingerOption(enable: true, 0);
        }
    }

    // Told of what was said to it alone, whether or not it takes its leave.
    private void OneSubscriber(RespSocket socket, Random random, string tag)
    {
        var channel = $"churn:{tag}";
        Expect(socket.Call("SUBSCRIBE", channel), $"*3\r\n{Bulk("subscribe")}{Bulk(channel)}:1\r\n", tag);
        using var speaker = RespSocket.Connect(port);
        Interlocked.Increment(ref _connections);
        speaker.Call("PUBLISH", channel, tag);
        Expect(Encoding.Latin1.GetString(socket.ReadFrame()), $"*3\r\n{Bulk("message")}{Bulk(channel)}{Bulk(tag)}", tag);
        if (random.Next(2) == 0)
            Expect(socket.Call("UNSUBSCRIBE", channel), $"*3\r\n{Bulk("unsubscribe")}{Bulk(channel)}:0\r\n", tag);
    }

    private void Expect(string reply, string expected, string tag)
    {
        if (reply != expected)
            Wrong($"{tag}: expected {Cut(expected)}, was given {Cut(reply)}");
        Interlocked.Increment(ref _replies);
    }

    private static (byte[] Request, List<string> Expected) Pipeline(Random random, string tag)
    {
        var (request, expected) = (new MemoryStream(), new List<string>());
        var values = new Dictionary<string, string>();
        for (var i = random.Next(1, 30); i > 0; i--)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"churn:{tag}:{random.Next(4)}");
            switch (random.Next(6))
            {
                case 0:
                case 1:
                    values[key] = tag + new string('.', Length(random));
                    request.Write(RespSocket.Encode("SET", key, values[key], "EX", "60"));
                    expected.Add("+OK\r\n");
                    break;
                case 2:
                    request.Write(RespSocket.Encode("ECHO", tag));
                    expected.Add($"${tag.Length}\r\n{tag}\r\n");
                    break;
                case 3 when values.Count > 0:
                    request.Write(RespSocket.Encode(["MGET", .. values.Keys]));
                    expected.Add($"*{values.Count}\r\n{string.Concat(values.Values.Select(Bulk))}");
                    break;
                case 5:
                    values[key] = tag + new string('.', random.Next(100));
                    foreach (var command in (string[][])[["MULTI"], ["SET", key, values[key], "EX", "60"], ["GET", key], ["EXEC"]])
                        request.Write(RespSocket.Encode(command));
                    expected.AddRange(["+OK\r\n", "+QUEUED\r\n", "+QUEUED\r\n", $"*2\r\n+OK\r\n{Bulk(values[key])}"]);
                    break;
                default:
                    if (values.TryGetValue(key, out var value))
                    {
                        request.Write(RespSocket.Encode("GET", key));
                        expected.Add(Bulk(value));
                    }
                    else
                    {
                        request.Write(RespSocket.Encode("PING"));
                        expected.Add("+PONG\r\n");
                    }

                    break;
            }
        }

        return (request.ToArray(), expected);
    }

    /// <summary>How many whole commands are in what is left of a pipeline.</summary>
    private static int CompleteIn(byte[] request, int atMost)
    {
        var text = Encoding.Latin1.GetString(request);
        var (at, whole) = (0, 0);
        while (whole < atMost && Line(text, ref at) is { } header)
        {
            for (var arguments = int.Parse(header[1..], CultureInfo.InvariantCulture); arguments > 0; arguments--)
            {
                if (Line(text, ref at) is not { } length)
                    return whole;
                at += int.Parse(length[1..], CultureInfo.InvariantCulture) + 2;
                if (at > text.Length)
                    return whole;
            }

            whole++;
        }

        return whole;
    }

    private static string? Line(string text, ref int at)
    {
        var end = at < text.Length ? text.IndexOf("\r\n", at, StringComparison.Ordinal) : -1;
        if (end < 0)
            return null;
        var line = text[at..end];
        at = end + 2;
        return line;
    }

    // Small ones, some that come in several pieces, and a few that are passed on while they arrive.
    private static int Length(Random random) => random.Next(400) switch
    {
        0 => (1 << 20) + random.Next(1 << 20),
        < 20 => random.Next(200_000),
        _ => random.Next(100),
    };

    private static string Bulk(string value) => $"${value.Length}\r\n{value}\r\n";

    private static string Cut(string text) => text.Length > 120 ? $"{text[..120]}... ({text.Length})" : text;

    private void Wrong(string what)
    {
        lock (_lock)
            Mismatches.Add(what);
    }
}
