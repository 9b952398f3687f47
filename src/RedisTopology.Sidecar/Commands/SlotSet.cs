using RedisTopology.Core.Hashing;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Some of the 16,384 hash slots: 2 KB.</summary>
internal sealed class SlotSet
{
    private readonly ulong[] _bits = new ulong[HashSlot.Count / 64];

    /// <summary>Whether it holds none.</summary>
    public bool IsEmpty => !_bits.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>Adds a slot.</summary>
    /// <param name="slot">0..16383.</param>
    public void Add(int slot) => _bits[slot >> 6] |= 1UL << (slot & 63);

    /// <summary>Whether it holds a slot.</summary>
    /// <param name="slot">0..16383.</param>
    public bool Contains(int slot) => (_bits[slot >> 6] & (1UL << (slot & 63))) != 0;
}
