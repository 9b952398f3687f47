using System.Text;

namespace RedisTopology.Sidecar.Protocol;

/// <summary>Splits what a client sends into requests: arrays of bulk strings, and lines as a person types them into a terminal.</summary>
internal sealed unsafe class RequestScanner
{
    /// <summary>The most arguments of a request: 1,048,576, as Redis.</summary>
    public const int MaxArguments = 1024 * 1024;

    /// <summary>The longest argument, in bytes: 512 MiB, as Redis' proto-max-bulk-len.</summary>
    public const int MaxBulk = 512 * 1024 * 1024;

    /// <summary>The longest line, in bytes: 64 KiB, as Redis.</summary>
    public const int MaxLine = 64 * 1024;

    private ArgumentSpan[] _spans = new ArgumentSpan[64];

    /// <summary>The arguments of the last whole request; of an unfinished one, those that are known, the last of them perhaps beyond the bytes there are.</summary>
    public ReadOnlySpan<ArgumentSpan> Spans => _spans.AsSpan(0, Count);

    /// <summary>How many arguments <see cref="Spans"/> has.</summary>
    public int Count { get; private set; }

    /// <summary>How many the request has in all.</summary>
    public int Declared { get; private set; }

    /// <summary>The length of the last request, in bytes; of an unfinished one, the least number of bytes it can have.</summary>
    public int Length { get; private set; }

    /// <summary>For <see cref="ScanResult.Broken"/>: what Redis says.</summary>
    public string Error { get; private set; } = "";

    /// <summary>For a request that came as a line: the same as an array, to be used in its place; else null.</summary>
    public byte[]? Rewritten { get; private set; }

    /// <summary>Looks for one request at the start of some bytes.</summary>
    public ScanResult Scan(byte* bytes, int length)
    {
        Rewritten = null;
        Count = 0;
        if (length == 0)
            return More(1);
        if (bytes[0] != '*')
            return Line(bytes, length);
        var at = Number(bytes, length, 1, out var n);
        if (at <= 0)
            return at == 0 ? More(Math.Max(4, length + 1)) : Broken("invalid multibulk length");
        if (n > MaxArguments)
            return Broken("invalid multibulk length");
        Length = at;
        if (n <= 0)
            return ScanResult.Nothing;
        Declared = (int)n;
        for (var i = 0; i < Declared; i++)
        {
            if (at >= length)
                return More(Math.Max(length + 1, at + (6 * (Declared - i))));
            if (bytes[at] != '$')
                return Broken($"expected '$', got '{(char)bytes[at]}'");
            var data = Number(bytes, length, at + 1, out n);
            if (data <= 0)
                return data == 0 ? More(Math.Max(length + 1, at + (6 * (Declared - i)))) : Broken("invalid bulk length");
            if (n is < 0 or > MaxBulk)
                return Broken("invalid bulk length");
            if (Count == _spans.Length)
                Array.Resize(ref _spans, Count * 2);
            _spans[Count++] = new(data, (int)n);
            // More than an array can hold: nothing a client means.
            if ((long)data + n + 2 + (6L * (Declared - i - 1)) > int.MaxValue / 2)
                return Broken("invalid bulk length");
            at = data + (int)n + 2;
            if (at > length)
                return More(at + (6 * (Declared - i - 1)));
        }

        Length = at;
        return ScanResult.Whole;
    }

    /// <summary>Lets go of an array that one request with very many arguments has left.</summary>
    public void Trim()
    {
        if (_spans.Length > 4096)
            (_spans, Count) = (new ArgumentSpan[64], 0);
    }

    // The number from a place up to CRLF. Returns the place behind it; 0: not whole; -1: no number.
    private static int Number(byte* bytes, int length, int at, out long value)
    {
        value = 0;
        var start = at;
        var negative = false;
        for (; at < length; at++)
        {
            var b = bytes[at];
            var digit = b - '0';
            if ((uint)digit <= 9)
            {
                // No zero before other digits, as Redis has it.
                if (at - start > 12 || (value == 0 && at > start && bytes[at - 1] == '0'))
                    return -1;
                value = (value * 10) + digit;
            }
            else if (b == '\r')
            {
                if (at == start || (negative && value == 0))
                    return -1;
                if (at + 1 >= length)
                    return 0;
                if (negative)
                    value = -value;
                // What follows the carriage return is taken for the line feed, as Redis does.
                return at + 2;
            }
            else if (b == '-' && at == start)
            {
                negative = true;
            }
            else
            {
                return -1;
            }
        }

        return 0;
    }

    private ScanResult More(int least)
    {
        Length = least;
        return ScanResult.More;
    }

    private ScanResult Broken(string error)
    {
        Error = "ERR Protocol error: " + error;
        return ScanResult.Broken;
    }

    private ScanResult Line(byte* bytes, int length)
    {
        var line = new ReadOnlySpan<byte>(bytes, Math.Min(length, MaxLine));
        // A server looks for the end with strchr, which does not see beyond a zero.
        var end = line.IndexOfAny((byte)'\n', (byte)0);
        if (end < 0 || line[end] == 0)
            return length >= MaxLine ? Broken("too big inline request") : More(length + 1);
        Length = end + 1;
        line = line[..end];
        if (!line.IsEmpty && line[^1] == '\r')
            line = line[..^1];
        if (!InlineCommand.TrySplit(line, out var words))
            return Broken("unbalanced quotes in request");
        if (words.Count == 0)
            return ScanResult.Nothing;
        var array = new MemoryStream();
        array.Write(Encoding.ASCII.GetBytes($"*{words.Count}\r\n"));
        foreach (var word in words)
        {
            array.Write(Encoding.ASCII.GetBytes($"${word.Length}\r\n"));
            array.Write(word);
            array.Write("\r\n"u8);
        }

        var consumed = Length;
        var rewritten = array.ToArray();
        fixed (byte* p = rewritten)
        {
            if (Scan(p, rewritten.Length) != ScanResult.Whole)
                return Broken("invalid multibulk length");
        }

        Rewritten = rewritten;
        Length = consumed;
        return ScanResult.Whole;
    }
}
