namespace RedisTopology.Bench.Sidecar;

/// <summary>What one run of a load measured.</summary>
/// <param name="PerSecond">Commands per second.</param>
/// <param name="P50">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
/// <param name="Operations">Commands sent and answered.</param>
internal readonly record struct LoadResult(double PerSecond, double P50, double P99, long Operations);
