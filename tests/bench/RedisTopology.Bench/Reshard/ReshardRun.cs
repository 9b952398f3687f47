namespace RedisTopology.Bench.Reshard;

/// <summary>What one run was like.</summary>
/// <param name="Seconds">How long it took.</param>
/// <param name="KeysPerSecond">Keys moved per second.</param>
/// <param name="P50">Median latency of the source, ms.</param>
/// <param name="P99">99th percentile of it, ms.</param>
/// <param name="Max">The worst of it, ms.</param>
internal sealed record ReshardRun(double Seconds, double KeysPerSecond, double P50, double P99, double Max);
