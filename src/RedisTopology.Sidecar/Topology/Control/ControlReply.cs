using System.Buffers.Text;
using System.Text;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>A reply in RESP2, read whole: only for the few large answers about the cluster; what is asked ten times a second is read from its bytes.</summary>
/// <param name="Text">The text of a string, a number or an error; null for nil and for arrays.</param>
/// <param name="Items">The members of an array, else null.</param>
/// <param name="IsError">Whether it is an error.</param>
internal sealed record ControlReply(string? Text, ControlReply[]? Items, bool IsError)
{
    private const int MaxDepth = 8;
    private const int MaxItems = 1 << 20;

    /// <summary>How long the reply is that begins <paramref name="bytes"/>.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <returns>False while the end of it is missing.</returns>
    /// <exception cref="InvalidDataException">It is no RESP2.</exception>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out int length)
    {
        // An array's members are just further replies to pass over.
        length = 0;
        for (long left = 1; left > 0; left--)
        {
            if (!TryReadLine(bytes[length..], out var kind, out var line))
                return false;
            length += line.Length + 3;
            switch (kind)
            {
                case (byte)'$' when Number(line) is >= 0 and var size:
                    if (bytes.Length - length < size + 2)
                        return false;
                    length += (int)size + 2;
                    break;
                case (byte)'*' when Number(line) is > 0 and var items:
                    left += items <= MaxItems ? items : throw Nonsense(kind);
                    break;
            }
        }

        return true;
    }

    /// <summary>Reads the reply that begins <paramref name="bytes"/>, which has it whole, and moves past it.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="InvalidDataException">It is no RESP2.</exception>
    public static ControlReply Read(ref ReadOnlySpan<byte> bytes) => Read(ref bytes, 0);

    private static ControlReply Read(ref ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > MaxDepth || !TryReadLine(bytes, out var kind, out var line))
            throw new InvalidDataException("a reply that is not whole, or nested too deep");
        bytes = bytes[(line.Length + 3)..];
        switch (kind)
        {
            case (byte)'$':
                if (Number(line) is var size && size < 0)
                    return new(null, null, false);
                var text = Encoding.UTF8.GetString(bytes[..(int)size]);
                bytes = bytes[((int)size + 2)..];
                return new(text, null, false);
            case (byte)'*':
                if (Number(line) is var count && count < 0)
                    return new(null, null, false);
                var items = new ControlReply[count];
                for (var i = 0; i < items.Length; i++)
                    items[i] = Read(ref bytes, depth + 1);
                return new(null, items, false);
            default:
                return new(Encoding.UTF8.GetString(line), null, kind == '-');
        }
    }

    private static bool TryReadLine(ReadOnlySpan<byte> bytes, out byte kind, out ReadOnlySpan<byte> line)
    {
        kind = 0;
        line = default;
        if (bytes.IsEmpty)
            return false;
        kind = bytes[0];
        if (kind is not ((byte)'+' or (byte)'-' or (byte)':' or (byte)'$' or (byte)'*'))
            throw Nonsense(kind);
        var end = bytes.IndexOf("\r\n"u8);
        if (end < 0)
            return false;
        line = bytes[1..end];
        return true;
    }

    private static long Number(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line, out int number, out var used) && used == line.Length ? number : throw new InvalidDataException("a length that is no number");

    private static InvalidDataException Nonsense(byte kind) => new($"not a reply of a Redis server: it begins with byte {kind}");
}
