using RedisTopology.Core.Hashing;

namespace RedisTopology.Sidecar.Topology;

/// <summary>
/// Slots that are read from their masters alone. A replica does not know that keys of a slot have gone over to another shard, and says that there are none (Redis; Valkey before 8.0); and a
/// replica of the shard they have gone to may not have them yet. One for all maps; loops ask it for each read.
/// </summary>
public sealed class HeldSlots
{
    private readonly ulong[] _bits = new ulong[HashSlot.Count / 64];

    // Since when replicas must have followed to be read from again; long.MaxValue while the slot is open. Guards itself, and what is written above and below.
    private readonly Dictionary<int, long> _since = [];
    private volatile int _count;

    /// <summary>How many.</summary>
    public int Count => _count;

    /// <summary>Whether a slot is one of them. Cheap, from any thread.</summary>
    /// <param name="slot">0..16383.</param>
    /// <returns>True when it is.</returns>
    public bool Has(int slot) => _count != 0 && (Volatile.Read(ref _bits[slot >> 6]) & (1UL << (slot & 63))) != 0;

    /// <summary>Keys of the slot are going over to another shard, or are about to.</summary>
    /// <param name="slot">0..16383.</param>
    internal void Open(int slot) => Set(slot, long.MaxValue);

    /// <summary>The slot has come to its shard, or stays there after all: a replica may be read from once it has what its master had at this moment.</summary>
    /// <param name="slot">0..16383.</param>
    /// <param name="now">Now (<see cref="Environment.TickCount64"/>, milliseconds).</param>
    internal void Settle(int slot, long now) => Set(slot, now);

    /// <summary>Lets go of the slots whose replicas have followed.</summary>
    /// <param name="followed">Whether the replicas of a slot have what their master had at a moment.</param>
    internal void Release(Func<int, long, bool> followed)
    {
        if (_count == 0)
            return;
        lock (_since)
        {
            foreach (var (slot, since) in _since)
            {
                if (since == long.MaxValue || !followed(slot, since))
                    continue;
                _since.Remove(slot);
                Volatile.Write(ref _bits[slot >> 6], _bits[slot >> 6] & ~(1UL << (slot & 63)));
            }

            _count = _since.Count;
        }
    }

    private void Set(int slot, long since)
    {
        lock (_since)
        {
            _since[slot] = since;
            Volatile.Write(ref _bits[slot >> 6], _bits[slot >> 6] | (1UL << (slot & 63)));
            _count = _since.Count;
        }
    }
}
