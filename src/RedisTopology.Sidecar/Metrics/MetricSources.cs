using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Population;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>Whatever is measured.</summary>
/// <param name="Loops">What the loops count.</param>
/// <param name="Topology">The topology as it is seen now.</param>
/// <param name="Looks">How often it was looked at.</param>
/// <param name="Reload">How reloading the configuration went.</param>
/// <param name="Population">The rules by which keys are populated; null: nobody does.</param>
internal sealed record MetricSources(IReadOnlyList<LoopMetrics> Loops, TopologyReport Topology, TopologyMetrics Looks, ReloadMetrics Reload, PopulationService? Population = null);
