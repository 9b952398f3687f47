using System.Globalization;
using System.Text;
using CsCheck;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Tests.Protocol;

public sealed class RequestScannerTests
{
    private static readonly Gen<byte[][]> Words = Gen.Byte.Array[0, 60].Array[1, 12];

    [Fact]
    public void A_whole_request_is_split_into_its_arguments_and_any_part_of_it_asks_for_more() => Gen.Select(Words, Gen.Double[0, 1]).Sample((words, share) =>
    {
        var bytes = Array(words);
        var scanner = new RequestScanner();
        Assert.Equal(ScanResult.Whole, Scan(scanner, bytes));
        Assert.Equal(bytes.Length, scanner.Length);
        Assert.Equal(words, [.. scanner.Spans.ToArray().Select(s => bytes.AsSpan(s.Start, s.Length).ToArray())]);

        var part = bytes[..(int)(share * (bytes.Length - 1))];
        Assert.Equal(ScanResult.More, Scan(scanner, part));
        // What it says it needs is more than there is, and never more than the request has: waiting for it can not wait for ever.
        Assert.InRange(scanner.Length, part.Length == 0 ? 1 : part.Length + 1, Math.Max(bytes.Length, part.Length + 4));
    }, iter: 3000);

    [Fact]
    public void Behind_a_request_the_next_one_begins() => Gen.Select(Words, Words).Sample((first, second) =>
    {
        byte[] bytes = [.. Array(first), .. Array(second)];
        var scanner = new RequestScanner();
        Assert.Equal(ScanResult.Whole, Scan(scanner, bytes));
        Assert.Equal(Array(first).Length, scanner.Length);
    }, iter: 500);

    [Theory]
    [InlineData("*x\r\n", "invalid multibulk length")]
    [InlineData("*1048577\r\n", "invalid multibulk length")]
    [InlineData("*2147483647\r\n", "invalid multibulk length")]
    [InlineData("*99999999999999999999\r\n", "invalid multibulk length")]
    [InlineData("*1\r\n+PING\r\n", "expected '$', got '+'")]
    [InlineData("*01\r\n$4\r\nPING\r\n", "invalid multibulk length")]
    [InlineData("*-0\r\n", "invalid multibulk length")]
    [InlineData("*1\r\n$-1\r\n", "invalid bulk length")]
    [InlineData("*2\r\n$4\r\nECHO\r\n$01\r\n*\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$536870913\r\n", "invalid bulk length")]
    [InlineData("*1\r\n$x\r\n", "invalid bulk length")]
    [InlineData("SET \"a\r\n", "unbalanced quotes in request")]
    [InlineData("SET \"a\"b\r\n", "unbalanced quotes in request")]
    public void What_makes_no_sense_gets_the_words_of_Redis(string text, string error)
    {
        var scanner = new RequestScanner();
        Assert.Equal(ScanResult.Broken, Scan(scanner, Encoding.ASCII.GetBytes(text)));
        Assert.Equal("ERR Protocol error: " + error, scanner.Error);
    }

    [Theory]
    [InlineData("PING\r\n", "PING")]
    [InlineData("ping\n", "ping")]
    [InlineData("  SET  a   b \r\n", "SET|a|b")]
    [InlineData("SET \"a b\" 'c d'\r\n", "SET|a b|c d")]
    [InlineData("SET \"\\x41\\n\" 'it\\'s'\r\n", "SET|A\n|it's")]
    [InlineData("SET \"\" x\r\n", "SET||x")]
    [InlineData("\v SET \"a\"\f \fb\v\r\n", "SET|a|b\v")]
    public void A_line_is_a_request_too(string line, string words)
    {
        var scanner = new RequestScanner();
        Assert.Equal(ScanResult.Whole, Scan(scanner, Encoding.ASCII.GetBytes(line)));
        Assert.Equal(line.Length, scanner.Length);
        Assert.Equal(words.Split('|'), scanner.Spans.ToArray().Select(s => Encoding.Latin1.GetString(scanner.Rewritten!, s.Start, s.Length)));
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\v\f\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("*-1\r\n")]
    public void Nothing_is_passed_over(string text)
    {
        var scanner = new RequestScanner();
        Assert.Equal(ScanResult.Nothing, Scan(scanner, Encoding.ASCII.GetBytes(text)));
        Assert.Equal(text.Length, scanner.Length);
    }

    [Fact]
    public void A_line_without_end_is_refused_once_it_is_too_long() =>
        Assert.Equal(ScanResult.Broken, Scan(new(), Encoding.ASCII.GetBytes(new string('x', RequestScanner.MaxLine))));

    [Fact]
    public void No_bytes_at_all_break_it() => Gen.Byte.Array[0, 300].Sample(bytes => Assert.True(Enum.IsDefined(Scan(new(), bytes))), iter: 5000);

    private static unsafe ScanResult Scan(RequestScanner scanner, byte[] bytes)
    {
        fixed (byte* p = bytes)
            return scanner.Scan(p, bytes.Length);
    }

    private static byte[] Array(byte[][] words)
    {
        using var array = new MemoryStream();
        array.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{words.Length}\r\n")));
        foreach (var word in words)
        {
            array.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${word.Length}\r\n")));
            array.Write(word);
            array.Write("\r\n"u8);
        }

        return array.ToArray();
    }
}
