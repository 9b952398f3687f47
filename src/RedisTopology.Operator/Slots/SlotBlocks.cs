using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace RedisTopology.Operator.Slots;

/// <summary>The slots that an attempt found impossible to move, each for a while: then they are looked at again.</summary>
internal sealed class SlotBlocks
{
    /// <summary>How long a slot is left alone.</summary>
    public static readonly TimeSpan Lasting = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<int, (string Why, DateTimeOffset Until)> _blocks = new();

    /// <summary>Remembers that a slot cannot be moved.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="why">A sentence that names the key and the remedy.</param>
    /// <param name="now">The time.</param>
    public void Add(int slot, string why, DateTimeOffset now) => _blocks[slot] = (why, now + Lasting);

    /// <summary>The slots that are blocked now.</summary>
    /// <param name="now">The time.</param>
    /// <returns>Each with its reason.</returns>
    public ImmutableSortedDictionary<int, string> At(DateTimeOffset now)
    {
        foreach (var (slot, block) in _blocks)
        {
            if (block.Until <= now)
                _blocks.TryRemove(slot, out _);
        }

        return _blocks.ToImmutableSortedDictionary(b => b.Key, b => b.Value.Why);
    }
}
