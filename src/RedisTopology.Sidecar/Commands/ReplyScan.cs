using System.Buffers.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Finds its way in replies that are complete and in one piece. Allocates nothing.</summary>
internal static class ReplyScan
{
    /// <summary>How many bytes the first value takes.</summary>
    /// <param name="bytes">Begins with a value.</param>
    /// <returns>Its length, nested values included.</returns>
    /// <exception cref="FormatException">It is not whole, or not RESP.</exception>
    public static int Length(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        for (var missing = 1L; missing > 0; missing--)
        {
            var (type, number, header) = Header(bytes[at..]);
            at += header;
            switch (type)
            {
                case (byte)'$' or (byte)'=' or (byte)'!':
                    at += number < 0 ? 0 : checked((int)number + 2);
                    break;
                case (byte)'*' or (byte)'~' or (byte)'>':
                    missing += Math.Max(number, 0);
                    break;
                case (byte)'%':
                    missing += 2 * number;
                    break;
                case (byte)'|':
                    // Attributes stand before the value they belong to.
                    missing += (2 * number) + 1;
                    break;
            }
        }

        return at <= bytes.Length ? at : throw Malformed();
    }

    /// <summary>A value's first line.</summary>
    /// <param name="bytes">Begins with a value.</param>
    /// <returns>Its type, the number in its line (0 when it is none) and the length of the line, its end included.</returns>
    public static (byte Type, long Number, int Length) Header(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n"u8);
        if (end < 1)
            throw Malformed();
        var number = Utf8Parser.TryParse(bytes[1..end], out long value, out var read) && read == end - 1 ? value : 0;
        return (bytes[0], number, end + 2);
    }

    /// <summary>Whether a value is null, in the form of either protocol.</summary>
    /// <param name="bytes">Begins with a value.</param>
    public static bool IsNull(ReadOnlySpan<byte> bytes) => bytes[0] == '_' || (bytes.Length > 2 && bytes[0] is (byte)'$' or (byte)'*' && bytes[1] == '-');

    /// <summary>The content of a string value.</summary>
    /// <param name="bytes">Begins with a bulk, verbatim or status string.</param>
    /// <returns>Its content; empty for null.</returns>
    public static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> bytes)
    {
        var (type, number, header) = Header(bytes);
        return type switch
        {
            (byte)'$' => number < 0 ? default : bytes.Slice(header, (int)number),
            (byte)'=' => bytes.Slice(header + 4, (int)number - 4),
            _ => bytes[1..(header - 2)],
        };
    }

    private static FormatException Malformed() => new("This is not a whole reply of a server.");
}
