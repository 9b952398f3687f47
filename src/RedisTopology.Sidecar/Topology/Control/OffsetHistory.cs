namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>
/// The offsets of a master in time: by it, a replica's offset tells up to which moment the replica has everything. Each sample's time was taken before its offset was
/// asked for: every write that was acknowledged before that time is within that offset.
/// </summary>
internal sealed class OffsetHistory
{
    private readonly (long At, long Offset)[] _samples;
    private long _count;

    /// <summary>Makes an empty history.</summary>
    /// <param name="capacity">How many samples it keeps: they should reach back as far as a replica may be behind.</param>
    public OffsetHistory(int capacity) => _samples = new (long, long)[capacity];

    /// <summary>Forgets all: another stream begins.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a sample.</summary>
    /// <param name="at">A moment before the offset was asked for, in milliseconds.</param>
    /// <param name="offset">The offset.</param>
    public void Add(long at, long offset)
    {
        // While nothing is written, the newest moment is all there is to know.
        if (_count > 0 && Sample(_count - 1).Offset == offset)
            _count--;
        _samples[_count % _samples.Length] = (at, offset);
        _count++;
    }

    /// <summary>Up to which moment a replica has every acknowledged write.</summary>
    /// <param name="offset">What the replica has carried out.</param>
    /// <returns>A moment in milliseconds; 0 when it is further behind than this reaches back.</returns>
    public long CaughtUpTo(long offset)
    {
        for (var i = _count - 1; i >= Math.Max(0, _count - _samples.Length); i--)
        {
            if (Sample(i).Offset <= offset)
                return Sample(i).At;
        }

        return 0;
    }

    private (long At, long Offset) Sample(long number) => _samples[number % _samples.Length];
}
