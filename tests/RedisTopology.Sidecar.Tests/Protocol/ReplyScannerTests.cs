using System.Globalization;
using System.Text;
using CsCheck;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Tests.Protocol;

public sealed class ReplyScannerTests
{
    private static readonly Gen<string> Text = Gen.Char['a', 'z'].Array[0, 12].Select(c => new string(c));

    private static readonly Gen<string> Simple = Gen.OneOf(
        Text.Select(t => $"+{t}\r\n"),
        Text.Select(t => $"-ERR {t}\r\n"),
        Gen.Long.Select(n => string.Create(CultureInfo.InvariantCulture, $":{n}\r\n")),
        Gen.Byte.Array[0, 40].Select(b => $"${b.Length}\r\n{Encoding.Latin1.GetString(b)}\r\n"),
        Gen.Const("$-1\r\n"),
        Gen.Const("*-1\r\n"),
        Gen.Const("*0\r\n"),
        Gen.Const("_\r\n"),
        Gen.Const("#t\r\n"),
        Gen.Const(",3.25\r\n"),
        Gen.Const("(3492890328409238509324850943850943825024385\r\n"),
        Gen.Const("=15\r\ntxt:Some string\r\n"),
        Gen.Const("!21\r\nSYNTAX invalid syntax\r\n"));

    private static readonly Gen<string> Reply = Nested(3);

    [Fact]
    public void Of_a_stream_cut_anywhere_each_reply_is_found() => Gen.Select(Reply.Array[1, 6], Gen.Int[1, 50].Array[1, 20]).Sample((replies, cuts) =>
    {
        var bytes = Encoding.Latin1.GetBytes(string.Concat(replies));
        Assert.Equal(replies.Select(r => r.Length), Lengths(bytes, cuts));
    }, iter: 2000);

    [Theory]
    [InlineData("hello\r\n")]
    [InlineData("$12x\r\n")]
    [InlineData("$-2\r\n")]
    [InlineData("*-2\r\n")]
    [InlineData("%-1\r\n")]
    [InlineData("*\r\n")]
    [InlineData(":1\n")]
    [InlineData("*99999999999999\r\n")]
    public unsafe void What_is_no_reply_is_said_to_be_none(string text)
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        var scanner = ReplyScanner.Begin();
        fixed (byte* p = bytes)
            Assert.Equal(-1, scanner.Advance(p, bytes.Length));
    }

    [Fact]
    public void No_bytes_at_all_break_it() => Gen.Byte.Array[0, 200].Sample(RunOver, iter: 5000);

    private static unsafe void RunOver(byte[] bytes)
    {
        var scanner = ReplyScanner.Begin();
        fixed (byte* p = bytes)
            Assert.InRange(scanner.Advance(p, bytes.Length), -1, bytes.Length);
    }

    // Feeds the bytes as a socket would, some at a time, what was not taken again in front.
    private static unsafe List<int> Lengths(byte[] bytes, int[] cuts)
    {
        var lengths = new List<int>();
        var scanner = ReplyScanner.Begin();
        int taken = 0, length = 0;
        fixed (byte* p = bytes)
        {
            for (var (have, i) = (0, 0); have < bytes.Length; i++)
            {
                have = Math.Min(bytes.Length, have + cuts[i % cuts.Length]);
                while (taken < have)
                {
                    var part = scanner.Advance(p + taken, have - taken);
                    Assert.True(part >= 0);
                    taken += part;
                    length += part;
                    if (!scanner.IsDone)
                        break;
                    lengths.Add(length);
                    (scanner, length) = (ReplyScanner.Begin(), 0);
                }
            }
        }

        return lengths;
    }

    private static Gen<string> Nested(int depth)
    {
        if (depth == 0)
            return Simple;
        var inner = Nested(depth - 1);
        return Gen.Frequency(
            (4, Simple),
            (1, inner.Array[0, 5].Select(a => string.Create(CultureInfo.InvariantCulture, $"*{a.Length}\r\n{string.Concat(a)}"))),
            (1, inner.Array[0, 5].Select(a => string.Create(CultureInfo.InvariantCulture, $"~{a.Length}\r\n{string.Concat(a)}"))),
            (1, inner.Array[0, 3].Select(a => string.Create(CultureInfo.InvariantCulture, $"%{a.Length}\r\n{string.Concat(a)}{string.Concat(a)}"))),
            (1, Gen.Select(inner, inner).Select(a => $"|1\r\n+key\r\n{a.Item1}{a.Item2}")));
    }
}
