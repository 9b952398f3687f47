using RedisTopology.Core.Hashing;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// When each slot was last written through this sidecar, for reads that must not be older. Shared by all loops: each entry is one word, and a later time
/// never does harm.
/// </summary>
internal sealed class WriteClock
{
    private readonly long[] _last = new long[HashSlot.Count];

    /// <summary>A write to the slot was answered at a time.</summary>
    public void Wrote(int slot, long milliseconds) => Volatile.Write(ref _last[slot], milliseconds);

    /// <summary>When the slot's last write was answered, in milliseconds; 0: never.</summary>
    public long LastWrite(int slot) => Volatile.Read(ref _last[slot]);
}
