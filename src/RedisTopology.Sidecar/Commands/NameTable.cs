using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// Commands by the bytes of their name in any case: a few nanoseconds, no allocation. The first and the last eight bytes, which overlap or are filled up in a short name, are
/// the hash and nearly all of the comparison.
/// </summary>
internal sealed class NameTable
{
    private const int Longest = 24;
    private const ulong UpperCase = 0xDFDF_DFDF_DFDF_DFDF;
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;
    private readonly Entry[] _entries;
    private readonly int _shift;

    /// <summary>Makes a table.</summary>
    /// <param name="commands">Each with the word it is found by, upper case, 1..24 bytes of ASCII.</param>
    public NameTable(IReadOnlyCollection<(string Word, CommandInfo Command)> commands)
    {
        // A quarter full: nearly every name is found at its own place, and most unknown ones are not found at the first look.
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(4 * commands.Count, 4));
        _shift = 64 - BitOperations.Log2(size);
        _entries = new Entry[size];
        foreach (var (word, command) in commands)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(word.Length, Longest);
            var name = Encoding.ASCII.GetBytes(word);
            var (head, tail) = Ends(name);
            var at = Place(head, tail, name.Length);
            while (_entries[at].Command is not null)
                at = (at + 1) & (_entries.Length - 1);
            _entries[at] = new(head, tail, name, command);
        }
    }

    /// <summary>Looks up a word.</summary>
    /// <param name="name">Bytes of a client.</param>
    /// <returns>The command; null when there is none.</returns>
    public CommandInfo? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > Longest)
            return null;
        var (head, tail) = Ends(name);
        for (var at = Place(head, tail, name.Length); ; at = (at + 1) & (_entries.Length - 1))
        {
            ref var entry = ref _entries[at];
            if (entry.Command is null)
                return null;
            // Equal ends are not equal names: the mask takes '_' and DEL for the same, and a long name has a middle.
            if (entry.Head == head && entry.Tail == tail && Ascii.EqualsIgnoreCase(entry.Name, name))
                return entry.Command;
        }
    }

    private static (ulong Head, ulong Tail) Ends(ReadOnlySpan<byte> name)
    {
        ref var first = ref MemoryMarshal.GetReference(name);
        ulong head, tail;
        if (name.Length >= 8)
        {
            head = Unsafe.ReadUnaligned<ulong>(ref first);
            tail = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, name.Length - 8));
        }
        else if (name.Length >= 4)
        {
            head = Unsafe.ReadUnaligned<uint>(ref first);
            tail = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, name.Length - 4));
        }
        else
        {
            head = (uint)(first | (Unsafe.Add(ref first, name.Length >> 1) << 8));
            tail = Unsafe.Add(ref first, name.Length - 1);
        }

        return (head & UpperCase, tail & UpperCase);
    }

    private int Place(ulong head, ulong tail, int length) => (int)(((head + BitOperations.RotateLeft(tail, 29) + (uint)length) * Spread) >> _shift);

    private readonly record struct Entry(ulong Head, ulong Tail, byte[] Name, CommandInfo? Command);
}
