using RedisTopology.Sidecar.Population;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>Every metric there is: /metrics and docs/reference are made from this table.</summary>
internal static class MetricFamilies
{
    /// <summary>All metrics, in the order they are written.</summary>
    public static IReadOnlyList<MetricFamily> All { get; } = [.. CommandFamilies.All, .. ConnectionFamilies.All, .. TopologyFamilies.All, .. PopulationFamilies.All, .. ProcessFamilies.All];

    /// <summary>Writes them all.</summary>
    /// <param name="sources">Where they are read.</param>
    /// <returns>The text of /metrics.</returns>
    public static string Render(MetricSources sources)
    {
        var writer = new MetricWriter();
        foreach (var family in All)
        {
            writer.Begin(family);
            family.Collect(sources, writer);
        }

        return writer.ToString();
    }

    /// <summary>A metric whose value is the sum over all loops.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">counter or gauge.</param>
    /// <param name="help">What it counts.</param>
    /// <param name="read">Reads one loop.</param>
    /// <returns>The metric.</returns>
    public static MetricFamily Sum(string name, string type, string help, Func<LoopMetrics, long> read) => new(name, type, help, (sources, writer) => writer.Sample(sources.Loops.Sum(read)));
}
