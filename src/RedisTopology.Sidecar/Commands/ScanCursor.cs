using System.Buffers.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// Where a SCAN over all shards stands: 53 bits, as clients in JavaScript make a floating-point number of it (node-redis 4, node-resque), which is not exact beyond. It says when the
/// scan began, which server it is at and that server's own cursor, and nothing that only one process knows: another sidecar can go on with it.
/// </summary>
/// <remarks>Bit 52 set: no such position, but a token of <see cref="ScanMemory"/>, for what does not fit.</remarks>
/// <param name="Start">When the scan began, in units of <see cref="Unit"/>, modulo 2^11: 18 hours.</param>
/// <param name="Tag">The server, 1..<see cref="End"/>-1 as <see cref="ScanOrder"/> numbers them, or <see cref="End"/>.</param>
/// <param name="Server">The server's cursor, below 2^31: 131,072 buckets in one slot of a server that keeps its keys by slot, 2^31 in one that does not.</param>
internal readonly record struct ScanCursor(int Start, int Tag, ulong Server)
{
    /// <summary>Milliseconds. Slots that moved so long before a scan are gone after in it.</summary>
    public const long Unit = 32_000;

    /// <summary>The tag of a scan that has been through all servers.</summary>
    public const int End = (1 << TagBits) - 1;

    /// <summary>The first number that no scan is given; a client that sends one begins anew.</summary>
    public const ulong Limit = 2 * TokenBit;

    /// <summary>Marks a token.</summary>
    public const ulong TokenBit = 1UL << 52;

    private const int StartBits = 11;
    private const int TagBits = 10;
    private const int ServerBits = 52 - StartBits - TagBits;

    /// <summary>Whether <see cref="Server"/> has room.</summary>
    public bool Fits => Server >> ServerBits == 0;

    /// <summary>The number a client sees; never 0.</summary>
    public ulong Encode() => ((ulong)Start << (TagBits + ServerBits)) | ((ulong)Tag << ServerBits) | Server;

    /// <summary>The reverse of <see cref="Encode"/>.</summary>
    /// <param name="value">A number without <see cref="TokenBit"/>.</param>
    public static ScanCursor Decode(ulong value) =>
        new((int)(value >> (TagBits + ServerBits)) & ((1 << StartBits) - 1), (int)(value >> ServerBits) & End, value & ((1UL << ServerBits) - 1));

    /// <summary>A time as <see cref="Start"/>.</summary>
    /// <param name="milliseconds">Wall time.</param>
    public static int StartOf(long milliseconds) => (int)((milliseconds / Unit) & ((1 << StartBits) - 1));

    /// <summary>When the scan began, at the earliest.</summary>
    /// <param name="now">Wall time in milliseconds.</param>
    /// <returns>Wall time in milliseconds.</returns>
    public long StartedAt(long now)
    {
        var units = now / Unit;
        return (units - ((units - Start) & ((1 << StartBits) - 1))) * Unit;
    }

    /// <summary>Reads a cursor that a client sent.</summary>
    /// <param name="text">The argument.</param>
    /// <param name="cursor">The number.</param>
    /// <returns>False when it is none: the answer is "ERR invalid cursor".</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong cursor) => Utf8Parser.TryParse(text, out cursor, out var length) && length == text.Length && cursor >> 63 == 0;
}
