using System.Buffers;
using System.Runtime.CompilerServices;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Core.Keys;

/// <summary>
/// For each of the 16,384 slots the hash tag that KeyRange puts before the keys of that slot: the shortest base-62 text whose CRC16 modulo 16,384 is the
/// slot, and of those the first in the order of ASCII (digits, capitals, small letters).
/// </summary>
/// <remarks>
/// Every key in a KeyRange cluster carries one, so the table is a format of stored data: it may never change, and a test holds its checksum. It is computed
/// at first use, in about a millisecond, rather than kept in a file; three characters are always enough (a test goes through all slots).
/// </remarks>
public static class SlotTags
{
    /// <summary>The longest tag, characters.</summary>
    public const int MaxLength = 3;

    /// <summary>The longest prefix, bytes: a tag in its braces.</summary>
    public const int MaxPrefix = MaxLength + 2;

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A prefix and its length in one entry of eight bytes: one cache line is touched per key, and no multiplication is needed to find it.</summary>
    private const int Entry = 8;

    private const int LengthAt = Entry - 1;

    private static readonly SearchValues<byte> Letters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);
    private static readonly byte[] Table = Build();

    /// <summary>The tag of a slot with its braces, as it stands before a key.</summary>
    /// <param name="slot">A slot, 0..16383.</param>
    /// <returns>Three to five bytes of ASCII, valid for ever.</returns>
    public static ReadOnlySpan<byte> PrefixOf(int slot)
    {
        var entry = Table.AsSpan(slot * Entry, Entry);
        return entry[..entry[LengthAt]];
    }

    /// <summary>The tag of a slot, without braces.</summary>
    /// <param name="slot">A slot, 0..16383.</param>
    /// <returns>One to three characters.</returns>
    public static string TagOf(int slot) => string.Create(PrefixOf(slot).Length - 2, slot, static (text, of) =>
    {
        var prefix = PrefixOf(of);
        for (var i = 0; i < text.Length; i++)
            text[i] = (char)prefix[i + 1];
    });

    /// <summary>How many bytes at the start of a key have the form of a prefix: a brace, one to three base-62 characters, a brace.</summary>
    /// <param name="key">Any key.</param>
    /// <returns>Three to five, or 0 when it does not begin so.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PrefixLength(ReadOnlySpan<byte> key) => key.Length > 2 && key[0] == (byte)'{' ? LengthOfForm(key) : 0;

    private static int LengthOfForm(ReadOnlySpan<byte> key)
    {
        var close = key[..Math.Min(key.Length, MaxPrefix)].IndexOf((byte)'}');
        return close > 1 && !key[1..close].ContainsAnyExcept(Letters) ? close + 1 : 0;
    }

    private static byte[] Build()
    {
        var table = new byte[HashSlot.Count * Entry];
        var left = HashSlot.Count;
        Span<byte> tag = stackalloc byte[MaxLength];
        for (var length = 1; left > 0; length++)
        {
            if (length > MaxLength)
                throw new InvalidOperationException("A slot has no tag of three characters");
            Fill(table, tag[..length], 0, ref left);
        }

        return table;
    }

    private static void Fill(byte[] table, Span<byte> tag, int at, ref int left)
    {
        foreach (var letter in Alphabet)
        {
            tag[at] = (byte)letter;
            if (at + 1 < tag.Length)
            {
                Fill(table, tag, at + 1, ref left);
                continue;
            }

            var entry = table.AsSpan((Crc16.Compute(tag) & (HashSlot.Count - 1)) * Entry, Entry);
            if (entry[LengthAt] != 0)
                continue;
            entry[0] = (byte)'{';
            tag.CopyTo(entry[1..]);
            entry[tag.Length + 1] = (byte)'}';
            entry[LengthAt] = (byte)(tag.Length + 2);
            left--;
        }
    }
}
