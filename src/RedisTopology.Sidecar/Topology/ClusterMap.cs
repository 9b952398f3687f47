using RedisTopology.Core.Hashing;

namespace RedisTopology.Sidecar.Topology;

/// <summary>Which shard owns which slot, as believed at one time. Loops take <see cref="ITopology.Current"/> anew for each batch.</summary>
public sealed class ClusterMap
{
    private readonly Shard?[] _bySlot;

    /// <summary>Makes a map.</summary>
    /// <param name="epoch">The newest configuration epoch it was made from.</param>
    /// <param name="shards">Its shards, those without slots too.</param>
    /// <param name="bySlot">The owner of each of the 16,384 slots; null for a slot nobody owns. Kept, not copied.</param>
    public ClusterMap(long epoch, Shard[] shards, Shard?[] bySlot)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bySlot.Length, HashSlot.Count);
        (Epoch, Shards, _bySlot) = (epoch, shards, bySlot);
    }

    /// <summary>A map before anything is known: no slot has an owner.</summary>
    public static ClusterMap Empty { get; } = new(0, [], new Shard?[HashSlot.Count]);

    /// <summary>The newest configuration epoch this was made from.</summary>
    public long Epoch { get; }

    /// <summary>Its shards, those without slots too.</summary>
    public Shard[] Shards { get; }

    /// <summary>The owner of a slot.</summary>
    /// <param name="slot">0..16383.</param>
    /// <returns>The shard, or null when nobody owns it.</returns>
    public Shard? Of(int slot) => _bySlot[slot];

    /// <summary>A server said MOVED: believed for this slot until the next map, so that one redirect is enough. Does nothing when <paramref name="master"/> is no master of this map.</summary>
    /// <param name="slot">0..16383.</param>
    /// <param name="master">Where the slot was said to be.</param>
    public void Moved(int slot, Node master)
    {
        foreach (var shard in Shards)
        {
            if (shard.Master == master)
                _bySlot[slot] = shard;
        }
    }
}
