using System.Buffers.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// Where a SCAN over all shards stands: when the scan began, which server it is at and that server's own cursor, and nothing that only one process knows: another sidecar can go on with it.
/// Below 10^14 nearly always, as Lua writes greater numbers with 14 digits and an exponent; below 2^53 in any case, as clients in JavaScript make a floating-point number of it
/// (node-redis 4, node-resque), which is not exact beyond.
/// </summary>
/// <remarks>
/// Below 2^46: a server's cursor of 25 bits, 2,048 buckets in one slot of a server that keeps its keys by slot, 33 million in one that does not. From <see cref="WideBit"/> on: one of 31 bits, 131,072 and
/// 2 billion. Between 2^46 and 2^46 + 2^44: no such position, but a token of <see cref="ScanMemory"/>, for what does not fit.
/// </remarks>
/// <param name="Start">When the scan began, in units of <see cref="Unit"/>, modulo 2^11: 18 hours.</param>
/// <param name="Tag">The server, 1..<see cref="End"/>-1 as <see cref="ScanOrder"/> numbers them, or <see cref="End"/>.</param>
/// <param name="Server">The server's cursor, below 2^31.</param>
internal readonly record struct ScanCursor(int Start, int Tag, ulong Server)
{
    /// <summary>Milliseconds. Slots that moved so long before a scan are gone after in it.</summary>
    public const long Unit = 32_000;

    /// <summary>The tag of a scan that has been through all servers.</summary>
    public const int End = (1 << TagBits) - 1;

    /// <summary>The first number that no scan is given; a client that sends one begins anew.</summary>
    public const ulong Limit = 2 * WideBit;

    /// <summary>The first token.</summary>
    public const ulong FirstToken = 1UL << (StartBits + TagBits + FewBits);

    /// <summary>How many tokens there are.</summary>
    public const ulong Tokens = 1UL << 44;

    /// <summary>Marks a wide one.</summary>
    public const ulong WideBit = 1UL << 52;

    private const int StartBits = 11;
    private const int TagBits = 10;
    private const int FewBits = 25;
    private const int ServerBits = 52 - StartBits - TagBits;

    /// <summary>Whether <see cref="Server"/> has room.</summary>
    public bool Fits => Server >> ServerBits == 0;

    /// <summary>The number a client sees; never 0.</summary>
    public ulong Encode() => Server >> FewBits == 0 ? Encode(FewBits) : WideBit | Encode(ServerBits);

    /// <summary>Whether a number is one that <see cref="Encode()"/> gives.</summary>
    /// <param name="value">The number.</param>
    public static bool IsCursor(ulong value) => value is < FirstToken or (>= WideBit and < Limit);

    /// <summary>Whether a number may be a token.</summary>
    /// <param name="value">The number.</param>
    public static bool IsToken(ulong value) => value is >= FirstToken and < FirstToken + Tokens;

    /// <summary>The reverse of <see cref="Encode()"/>.</summary>
    /// <param name="value">One that <see cref="IsCursor"/>.</param>
    public static ScanCursor Decode(ulong value)
    {
        var bits = value < FirstToken ? FewBits : ServerBits;
        return new((int)(value >> (TagBits + bits)) & ((1 << StartBits) - 1), (int)(value >> bits) & End, value & ((1UL << bits) - 1));
    }

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

    private ulong Encode(int bits) => ((ulong)Start << (TagBits + bits)) | ((ulong)Tag << bits) | Server;
}
