using System.Buffers;
using System.Buffers.Text;

namespace RedisTopology.Sidecar.Population;

/// <summary>Writes requests.</summary>
internal static class Frames
{
    /// <summary>Begins an array of so many arguments.</summary>
    public static void Array(ArrayBufferWriter<byte> to, int count) => Header(to, (byte)'*', count);

    /// <summary>One argument.</summary>
    public static void Bulk(ArrayBufferWriter<byte> to, ReadOnlySpan<byte> bytes)
    {
        Header(to, (byte)'$', bytes.Length);
        var span = to.GetSpan(bytes.Length + 2);
        bytes.CopyTo(span);
        span[bytes.Length] = (byte)'\r';
        span[bytes.Length + 1] = (byte)'\n';
        to.Advance(bytes.Length + 2);
    }

    /// <summary>One argument that is a number.</summary>
    public static void Bulk(ArrayBufferWriter<byte> to, long number)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, text, out var length);
        Bulk(to, text[..length]);
    }

    private static void Header(ArrayBufferWriter<byte> to, byte kind, int number)
    {
        var span = to.GetSpan(16);
        span[0] = kind;
        Utf8Formatter.TryFormat(number, span[1..], out var written);
        span[written + 1] = (byte)'\r';
        span[written + 2] = (byte)'\n';
        to.Advance(written + 3);
    }
}
