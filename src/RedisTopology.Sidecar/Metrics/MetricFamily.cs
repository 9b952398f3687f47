namespace RedisTopology.Sidecar.Metrics;

/// <summary>One metric as Prometheus knows it: <see cref="MetricFamilies"/> has them all.</summary>
/// <param name="Name">Its name without the prefix.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Help">What it counts, one sentence.</param>
/// <param name="Collect">Writes its samples.</param>
internal sealed record MetricFamily(string Name, string Type, string Help, Action<MetricSources, MetricWriter> Collect)
{
    /// <summary>What all names begin with.</summary>
    public const string Prefix = "redis_topology_sidecar_";

    /// <summary>Its labels, for the documentation.</summary>
    public string Labels { get; init; } = "";
}
