namespace RedisTopology.Bench;

/// <summary>What was asked for on the command line.</summary>
/// <param name="Window">Length of a steady-state window.</param>
/// <param name="Runs">Repetitions of which the median counts.</param>
/// <param name="Shapes">Clusters to form one after another.</param>
/// <param name="Clusters">Clusters to create at once.</param>
internal sealed record BenchOptions(TimeSpan Window, int Runs, IReadOnlyList<ClusterShape> Shapes, int Clusters);
