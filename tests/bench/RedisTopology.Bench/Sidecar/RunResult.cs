namespace RedisTopology.Bench.Sidecar;

/// <summary>A run and what it cost the process in the middle.</summary>
/// <param name="Load">What the clients saw.</param>
/// <param name="CpuMicroseconds">CPU time per command.</param>
/// <param name="ResidentMegabytes">Memory afterwards.</param>
internal readonly record struct RunResult(LoadResult Load, double CpuMicroseconds, double ResidentMegabytes);
