namespace RedisTopology.Bench.Sidecar;

/// <summary>How the proxies are compared.</summary>
/// <param name="Rounds">Runs of each load against each target; the order of the targets is rotated from round to round.</param>
/// <param name="Seconds">Length of a run.</param>
/// <param name="Replicas">Replicas of each of the three masters.</param>
/// <param name="Threads">Threads of each proxy that can have several; 0: what each does by default.</param>
/// <param name="Rows">Which loads, as a regular expression over their names; null: the usual ones.</param>
internal sealed record SidecarBenchOptions(int Rounds, double Seconds, int Replicas, int Threads, string? Rows);
