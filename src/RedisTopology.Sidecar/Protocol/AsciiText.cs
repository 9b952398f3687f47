namespace RedisTopology.Sidecar.Protocol;

/// <summary>Comparisons of protocol words, which are ASCII in any case.</summary>
public static class AsciiText
{
    /// <summary>Whether <paramref name="text"/> is <paramref name="upper"/> in any case.</summary>
    /// <param name="text">Bytes of a client.</param>
    /// <param name="upper">The word in upper case.</param>
    /// <returns>True when equal but for case.</returns>
    public static bool Is(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> upper) => System.Text.Ascii.EqualsIgnoreCase(text, upper);
}
