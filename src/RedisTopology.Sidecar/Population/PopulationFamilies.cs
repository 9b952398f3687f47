using RedisTopology.Population;
using RedisTopology.Sidecar.Metrics;

namespace RedisTopology.Sidecar.Population;

/// <summary>The metrics of population, one sample per rule.</summary>
internal static class PopulationFamilies
{
    public static IReadOnlyList<MetricFamily> All { get; } =
    [
        PerRule("population_hits_total", "Reads of populated keys answered from the cache.", c => c.Hits),
        PerRule("population_misses_total", "Reads of populated keys that found no value.", c => c.Misses),
        PerRule("population_stale_total", "Reads answered with a value past its time, in its stale window.", c => c.Stale),
        PerRule("population_negative_total", "Misses answered without the origin, because it said lately that there is no such thing.", c => c.Negatives),
        PerRule("population_waits_total", "Misses that waited for another process' load.", c => c.Waits),
        PerRule("population_fills_total", "Answers of the origin that were stored.", c => c.Fills),
        PerRule("population_refused_fills_total", "Answers of the origin that were not stored: the key was written meanwhile, or the lease was lost.", c => c.RefusedFills),
        PerRule("population_renewals_total", "Values renewed before they were gone.", c => c.Renewals),
        PerRule("population_writes_total", "Writes through the cache that were acknowledged.", c => c.Writes),
        PerRule("population_write_errors_total", "Writes through the cache that were not.", c => c.WriteErrors),
        PerRule("population_origin_errors_total", "Calls of the origin that failed.", c => c.OriginErrors),
        PerRule("population_origin_down_total", "Reads that ended in ORIGINDOWN.", c => c.OriginDown),
        new("population_origin_seconds", "histogram", "How long calls of the origin took.", Latency) { Labels = "match" },
        new("push_entries_total", "counter", "Entries pushed, by what became of them.", Pushed) { Labels = "result" },
        new("push_running", "gauge", "Pushes under way.", (sources, writer) => writer.Sample(sources.Population?.Pushes.Running ?? 0)),
    ];

    private static MetricFamily PerRule(string name, string help, Func<PopulationCounters, long> read) => new(name, "counter", help, (sources, writer) =>
    {
        foreach (var rule in sources.Population?.Active?.All ?? [])
            writer.Sample(read(rule.Populator.Counters), ("match", rule.Rule.Pattern.Text));
    })
    { Labels = "match" };

    private static void Latency(MetricSources sources, MetricWriter writer)
    {
        foreach (var rule in sources.Population?.Active?.All ?? [])
        {
            var counters = rule.Populator.Counters;
            var buckets = counters.OriginLatency;
            var sum = 0L;
            for (var i = 0; i < buckets.Count; i++)
            {
                sum += buckets[i];
                var bound = i < PopulationCounters.LatencyBounds.Count ? (PopulationCounters.LatencyBounds[i] / 1000).ToString(System.Globalization.CultureInfo.InvariantCulture) : "+Inf";
                writer.Sample("_bucket", sum, ("match", rule.Rule.Pattern.Text), ("le", bound));
            }

            writer.Sample("_sum", counters.OriginMicroseconds / 1e6, ("match", rule.Rule.Pattern.Text));
            writer.Sample("_count", sum, ("match", rule.Rule.Pattern.Text));
        }
    }

    private static void Pushed(MetricSources sources, MetricWriter writer)
    {
        var pushes = sources.Population?.Pushes;
        writer.Sample(pushes?.Stored ?? 0, ("result", "stored"));
        writer.Sample(pushes?.Skipped ?? 0, ("result", "skipped"));
        writer.Sample(pushes?.Failed ?? 0, ("result", "failed"));
    }
}
