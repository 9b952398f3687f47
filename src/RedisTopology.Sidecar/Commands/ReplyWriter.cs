using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Writes replies in the protocol a client speaks.</summary>
/// <param name="output">Where to.</param>
/// <param name="protocol">2 or 3.</param>
public readonly struct ReplyWriter(IBufferWriter<byte> output, int protocol)
{
    /// <summary>Bytes that are a reply, or a part of one, already.</summary>
    /// <param name="bytes">As they are to be sent.</param>
    public void Raw(ReadOnlySpan<byte> bytes) => output.Write(bytes);

    /// <summary>A status such as OK.</summary>
    /// <param name="text">One line.</param>
    public void Status(ReadOnlySpan<byte> text) => Line((byte)'+', text);

    /// <summary>An error.</summary>
    /// <param name="text">Its code and its text, such as "ERR syntax error"; line ends become blanks, as Redis does it.</param>
    public void Error(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (ref var b in bytes.AsSpan())
        {
            if (b is (byte)'\r' or (byte)'\n')
                b = (byte)' ';
        }

        Line((byte)'-', bytes);
    }

    /// <summary>An integer.</summary>
    /// <param name="value">The value.</param>
    public void Number(long value) => Prefixed((byte)':', value);

    /// <summary>A string of any bytes.</summary>
    /// <param name="bytes">Its bytes.</param>
    public void Bulk(ReadOnlySpan<byte> bytes)
    {
        Prefixed((byte)'$', bytes.Length);
        output.Write(bytes);
        output.Write("\r\n"u8);
    }

    /// <summary>A string.</summary>
    /// <param name="text">Written as UTF-8.</param>
    public void Bulk(string text) => Bulk(Encoding.UTF8.GetBytes(text));

    /// <summary>A text for people, which RESP3 tells from other strings.</summary>
    /// <param name="text">Written as UTF-8.</param>
    public void Verbatim(string text)
    {
        if (protocol < 3)
        {
            Bulk(text);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        Prefixed((byte)'=', bytes.Length + 4);
        output.Write("txt:"u8);
        output.Write(bytes);
        output.Write("\r\n"u8);
    }

    /// <summary>No value.</summary>
    public void Null() => output.Write(protocol < 3 ? "$-1\r\n"u8 : "_\r\n"u8);

    /// <summary>The start of an array.</summary>
    /// <param name="count">How many items follow.</param>
    public void Array(int count) => Prefixed((byte)'*', count);

    /// <summary>The start of a map; in RESP2 an array of names and values.</summary>
    /// <param name="count">How many pairs follow.</param>
    public void Map(int count) => Prefixed(protocol < 3 ? (byte)'*' : (byte)'%', protocol < 3 ? 2 * count : count);

    /// <summary>The start of a set; in RESP2 an array.</summary>
    /// <param name="count">How many items follow.</param>
    public void Set(int count) => Prefixed(protocol < 3 ? (byte)'*' : (byte)'~', count);

    private void Line(byte type, ReadOnlySpan<byte> text)
    {
        output.Write([type]);
        output.Write(text);
        output.Write("\r\n"u8);
    }

    private void Prefixed(byte type, long value)
    {
        var span = output.GetSpan(24);
        span[0] = type;
        Utf8Formatter.TryFormat(value, span[1..], out var length);
        "\r\n"u8.CopyTo(span[(1 + length)..]);
        output.Advance(length + 3);
    }
}
