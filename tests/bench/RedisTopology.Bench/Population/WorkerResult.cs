namespace RedisTopology.Bench.Population;

/// <summary>What a worker has to tell of one task.</summary>
/// <param name="Reads">How many reads.</param>
/// <param name="Stale">How many of them ended with less than was acknowledged when they began.</param>
/// <param name="Writes">How many writes.</param>
/// <param name="P50">Half the reads were done within so many microseconds.</param>
/// <param name="P99">99 of 100 were.</param>
internal sealed record WorkerResult(long Reads, long Stale, long Writes, double P50, double P99);
