using System.Globalization;

namespace RedisTopology.Sidecar.Protocol;

/// <summary>Comparisons of protocol words, which are ASCII in any case.</summary>
public static class AsciiText
{
    /// <summary>Whether <paramref name="text"/> is <paramref name="upper"/> in any case.</summary>
    /// <param name="text">Bytes of a client.</param>
    /// <param name="upper">The word in upper case.</param>
    /// <returns>True when equal but for case.</returns>
    public static bool Is(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> upper) => System.Text.Ascii.EqualsIgnoreCase(text, upper);

    /// <summary>The integer that a reply is, or ends with, as that to PUBSUB NUMSUB does.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns>The integer; 0 when it ends otherwise, with an error for instance.</returns>
    public static long LastInteger(ReadOnlySpan<byte> reply)
    {
        var last = reply.LastIndexOf((byte)':');
        return reply.EndsWith("\r\n"u8) && last >= 0 && long.TryParse(reply[(last + 1)..^2], CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
