using System.Numerics;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>Latencies in buckets of powers of two, from 16 µs to 4.2 s: one addition per command, no allocation. Written by one loop, read by anyone.</summary>
public sealed class LatencyHistogram
{
    /// <summary>The number of buckets; the last takes all that is longer.</summary>
    public const int Buckets = 20;

    private const int First = 4;
    private readonly long[] _counts = new long[Buckets];

    /// <summary>The sum of all latencies, in microseconds.</summary>
    public long SumMicroseconds { get; private set; }

    /// <summary>The upper bound of a bucket, inclusive.</summary>
    /// <param name="bucket">0..<see cref="Buckets"/>-2.</param>
    /// <returns>Microseconds.</returns>
    public static long UpperBound(int bucket) => 1L << (First + bucket);

    /// <summary>How many latencies a bucket has, those of the buckets below it not included.</summary>
    /// <param name="bucket">0..<see cref="Buckets"/>-1.</param>
    /// <returns>A count.</returns>
    public long Count(int bucket) => Volatile.Read(ref _counts[bucket]);

    /// <summary>Adds one latency.</summary>
    /// <param name="microseconds">The latency; below 0 counts as 0.</param>
    public void Add(long microseconds)
    {
        var bucket = microseconds <= 1 << First ? 0 : BitOperations.Log2((ulong)(microseconds - 1)) + 1 - First;
        _counts[Math.Min(bucket, Buckets - 1)]++;
        SumMicroseconds += Math.Max(microseconds, 0);
    }
}
