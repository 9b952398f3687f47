namespace RedisTopology.Bench.Sidecar;

/// <summary>How the proxies are compared.</summary>
/// <param name="Rounds">Runs of each load against each target; the order of the targets is rotated from round to round.</param>
/// <param name="Seconds">Length of a run.</param>
/// <param name="Replicas">Replicas of each of the three masters.</param>
/// <param name="Threads">Threads of each proxy that can have several; 0: what each does by default.</param>
/// <param name="Rows">Which loads, as a regular expression over their names; null: the usual ones.</param>
/// <param name="Priority">The fixed priority (SCHED_RR) of the servers, the load and whichever proxy is under it, so that neighbours are not measured; 0: none.</param>
/// <param name="Rates">Commands per second at which latency is measured once more.</param>
internal sealed record SidecarBenchOptions(int Rounds, double Seconds, int Replicas, int Threads, string? Rows, int Priority, IReadOnlyList<int> Rates);
