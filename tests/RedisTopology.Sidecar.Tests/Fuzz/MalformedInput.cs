using System.Globalization;
using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Fuzz;

/// <summary>Requests as no client should send them, made from valid ones: broken lengths, flipped and lost bytes, halves, inline commands, noise.</summary>
/// <param name="random">Decides all.</param>
internal sealed class MalformedInput(Random random)
{
    private static readonly string[] Lengths =
    [
        "0", "-1", "-2", "1", "2", "3", "4", "7", "100", "1048576", "1048577", "2147483647", "2147483648", "-2147483648", "9223372036854775807", "99999999999999999999", "", " ", "+1", "0x1", "1 ", "1.0", "a",
    ];

    private static readonly string[] Inline =
    [
        "PING\r\n", "PING\n", "\r\n", "\n", "   \r\n", "GET a\r\n", "SET a \"b c\"\r\n", "GET \"unbalanced\r\n", "ECHO 'single \\' quoted'\r\n", "ECHO \"\\x00\\xff\\n\"\r\n", "ECHO \"a\"b\r\n", "*\r\n", "$3\r\n", "+OK\r\n",
        ":1\r\n", "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "Host: a\r\n", "\0\r\n", "ping\textra\r\n",
    ];

    /// <summary>Some valid commands, of which one or another is damaged.</summary>
    public byte[] Next()
    {
        var input = new List<byte>();
        for (var i = random.Next(1, 6); i > 0; i--)
            input.AddRange(random.Next(4) == 0 ? Latin1(Inline[random.Next(Inline.Length)]) : Valid());
        var bytes = input.ToArray();
        for (var i = random.Next(3); i > 0; i--)
            bytes = Damage(bytes);
        return bytes;
    }

    private byte[] Valid() => random.Next(6) switch
    {
        0 => RespSocket.Encode("PING"),
        1 => RespSocket.Encode("ECHO", Text()),
        2 => RespSocket.Encode("SET", $"fuzz{random.Next(10)}", Text()),
        3 => RespSocket.Encode("MGET", "fuzz1", "fuzz2", "fuzz3"),
        4 => RespSocket.Encode("DEL", "fuzz1", "fuzz2"),
        _ => RespSocket.Encode("GET", $"fuzz{random.Next(10)}"),
    };

    private byte[] Damage(byte[] bytes)
    {
        var at = random.Next(bytes.Length);
        switch (random.Next(6))
        {
            case 0:
                return [.. bytes[..at], (byte)random.Next(256), .. bytes[Math.Min(at + 1, bytes.Length)..]];
            case 1:
                return [.. bytes[..at], .. bytes[Math.Min(at + random.Next(1, 5), bytes.Length)..]];
            case 2:
                var noise = new byte[random.Next(1, 20)];
                random.NextBytes(noise);
                return [.. bytes[..at], .. noise, .. bytes[at..]];
            case 3:
                return bytes[..Math.Max(1, at)];
            default:
                return OtherLength(bytes, at);
        }
    }

    /// <summary>Replaces the number after the next '*' or '$'.</summary>
    private byte[] OtherLength(byte[] bytes, int from)
    {
        var at = bytes.AsSpan(from).IndexOfAny((byte)'*', (byte)'$');
        if (at < 0)
            return bytes;
        at += from + 1;
        var end = bytes.AsSpan(at).IndexOf((byte)'\r');
        return end < 0 ? bytes : [.. bytes[..at], .. Latin1(Lengths[random.Next(Lengths.Length)]), .. bytes[(at + end)..]];
    }

    private string Text() => random.Next(8) == 0 ? new string('v', random.Next(70_000)) : random.Next(1000).ToString(CultureInfo.InvariantCulture);

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);
}
