namespace RedisTopology.Sidecar.Population;

/// <summary>What a loop remembers of when values end: so that a value that is read a thousand times a second is not asked for its time as often. A small table; who comes last stays.</summary>
internal sealed class ExpiryMemory
{
    private const int Size = 4096;

    /// <summary>How long what is remembered holds: a value may have been renewed meanwhile.</summary>
    private const long Holds = 500;

    private readonly Entry[] _entries = new Entry[Size];

    /// <summary>When the value of a key ends.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="now">Milliseconds.</param>
    /// <param name="endsAt">Milliseconds; 0: it does not, or that is being asked.</param>
    /// <returns>Whether that is remembered. If not, it is taken as asked now.</returns>
    public bool TryGet(ulong hash, long now, out long endsAt)
    {
        ref var entry = ref _entries[hash % Size];
        endsAt = entry.EndsAt;
        if (entry.Hash == hash && now - entry.AskedAt < Holds)
            return true;
        entry = new Entry { Hash = hash, AskedAt = now };
        return false;
    }

    /// <summary>What was asked has been answered.</summary>
    public void Set(ulong hash, long endsAt)
    {
        ref var entry = ref _entries[hash % Size];
        if (entry.Hash == hash)
            entry.EndsAt = endsAt;
    }

    private struct Entry
    {
        public ulong Hash;
        public long AskedAt;
        public long EndsAt;
    }
}
