namespace RedisTopology.Population;

/// <summary>What a <see cref="Populator"/> has counted since it was made. Totals that only grow, read at any time from any thread.</summary>
public sealed class PopulationCounters
{
    /// <summary>The upper ends of the buckets of <see cref="OriginLatency"/>, in milliseconds; the last bucket has none.</summary>
    public static IReadOnlyList<double> LatencyBounds { get; } = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000];

    private readonly long[] _latency = new long[LatencyBounds.Count + 1];
    private long _hits, _misses, _stale, _negatives, _fills, _refused, _originCalls, _originErrors, _originMicroseconds, _waits, _renewals, _writes, _writeErrors, _originDown;

    /// <summary>Reads answered from the cache, the stale ones among them.</summary>
    public long Hits => Read(ref _hits);

    /// <summary>Reads that found no value.</summary>
    public long Misses => Read(ref _misses);

    /// <summary>Reads answered with a value past its time.</summary>
    public long Stale => Read(ref _stale);

    /// <summary>Misses answered "there is none" without the origin: it said so lately.</summary>
    public long Negatives => Read(ref _negatives);

    /// <summary>Values of the origin that were stored, and "not found" that was remembered.</summary>
    public long Fills => Read(ref _fills);

    /// <summary>Answers of the origin that were not stored, because the key was written meanwhile or the lease was lost.</summary>
    public long RefusedFills => Read(ref _refused);

    /// <summary>Calls of the origin, reads and writes.</summary>
    public long OriginCalls => Read(ref _originCalls);

    /// <summary>Those of them that failed.</summary>
    public long OriginErrors => Read(ref _originErrors);

    /// <summary>The time of all of them, in microseconds.</summary>
    public long OriginMicroseconds => Read(ref _originMicroseconds);

    /// <summary>Misses that waited for another process' load.</summary>
    public long Waits => Read(ref _waits);

    /// <summary>Values renewed before they were gone.</summary>
    public long Renewals => Read(ref _renewals);

    /// <summary>Writes through the cache that were acknowledged.</summary>
    public long Writes => Read(ref _writes);

    /// <summary>Writes through the cache that were not.</summary>
    public long WriteErrors => Read(ref _writeErrors);

    /// <summary>Reads that ended in an error because there was neither value nor origin.</summary>
    public long OriginDown => Read(ref _originDown);

    /// <summary>How many origin calls took how long: one number per bucket, not cumulative.</summary>
    public IReadOnlyList<long> OriginLatency => [.. _latency.Select((_, i) => Read(ref _latency[i]))];

    /// <summary>Counts hits that were answered elsewhere: by the sidecar's loop.</summary>
    /// <param name="count">How many.</param>
    public void AddHits(long count) => Interlocked.Add(ref _hits, count);

    internal void Hit() => Interlocked.Increment(ref _hits);

    internal void Miss() => Interlocked.Increment(ref _misses);

    internal void ServedStale() => Interlocked.Increment(ref _stale);

    internal void Negative() => Interlocked.Increment(ref _negatives);

    internal void Fill(bool stored) => Interlocked.Increment(ref stored ? ref _fills : ref _refused);

    internal void Wait() => Interlocked.Increment(ref _waits);

    internal void Renewed() => Interlocked.Increment(ref _renewals);

    internal void Write(bool acknowledged) => Interlocked.Increment(ref acknowledged ? ref _writes : ref _writeErrors);

    internal void Down() => Interlocked.Increment(ref _originDown);

    internal void OriginCall(TimeSpan took, bool failed)
    {
        Interlocked.Increment(ref _originCalls);
        if (failed)
            Interlocked.Increment(ref _originErrors);
        Interlocked.Add(ref _originMicroseconds, (long)took.TotalMicroseconds);
        var bucket = 0;
        while (bucket < LatencyBounds.Count && took.TotalMilliseconds > LatencyBounds[bucket])
            bucket++;
        Interlocked.Increment(ref _latency[bucket]);
    }

    private static long Read(ref long value) => Interlocked.Read(ref value);
}
