using RedisTopology.Core.Hashing;

namespace RedisTopology.Sidecar.Topology;

/// <summary>Which shard owns which slot, as believed at one time. Loops take <see cref="ITopology.Current"/> anew for each batch.</summary>
public sealed class ClusterMap
{
    // By slot, the place of its owner in Shards, from 1; 0: nobody. A quarter of the size of references: it is looked up for every command.
    private readonly ushort[] _owners = new ushort[HashSlot.Count];

    /// <summary>Makes a map.</summary>
    /// <param name="epoch">The newest configuration epoch it was made from.</param>
    /// <param name="shards">Its shards, those without slots too.</param>
    /// <param name="bySlot">The owner of each of the 16,384 slots, one of <paramref name="shards"/>; null for a slot nobody owns.</param>
    /// <param name="held">The slots that are read from their masters alone, shared with the maps before. Default: none.</param>
    public ClusterMap(long epoch, Shard[] shards, Shard?[] bySlot, HeldSlots? held = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bySlot.Length, HashSlot.Count);
        (Epoch, Shards, Held) = (epoch, shards, held ?? new());
        for (var slot = 0; slot < bySlot.Length; slot++)
            _owners[slot] = slot > 0 && ReferenceEquals(bySlot[slot], bySlot[slot - 1]) ? _owners[slot - 1] : PlaceOf(bySlot[slot]);
    }

    /// <summary>A map before anything is known: no slot has an owner.</summary>
    public static ClusterMap Empty { get; } = new(0, [], new Shard?[HashSlot.Count]);

    /// <summary>The newest configuration epoch this was made from.</summary>
    public long Epoch { get; }

    /// <summary>Its shards, those without slots too.</summary>
    public Shard[] Shards { get; }

    /// <summary>The slots that are read from their masters alone: the same object in all maps of one topology.</summary>
    public HeldSlots Held { get; }

    /// <summary>The owner of a slot.</summary>
    /// <param name="slot">0..16383.</param>
    /// <returns>The shard, or null when nobody owns it.</returns>
    public Shard? Of(int slot) => _owners[slot] is > 0 and var place ? Shards[place - 1] : null;

    /// <summary>A server said MOVED: believed for this slot until the next map, so that one redirect is enough. Does nothing when <paramref name="master"/> is no master of this map.</summary>
    /// <param name="slot">0..16383.</param>
    /// <param name="master">Where the slot was said to be.</param>
    public void Moved(int slot, Node master)
    {
        foreach (var shard in Shards)
        {
            if (shard.Master != master || PlaceOf(shard) is var place && place == _owners[slot])
                continue;
            Held.Settle(slot, Environment.TickCount64);
            _owners[slot] = place;
        }
    }

    private ushort PlaceOf(Shard? shard) => (ushort)(shard is null ? 0 : Array.FindIndex(Shards, s => ReferenceEquals(s, shard)) + 1);
}
