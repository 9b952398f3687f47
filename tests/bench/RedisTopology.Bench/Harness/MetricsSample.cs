using System.Globalization;
using System.Text.RegularExpressions;

namespace RedisTopology.Bench.Harness;

/// <summary>The operator's metrics at one moment.</summary>
internal sealed partial class MetricsSample
{
    private const string Prefix = "redis_topology_operator_";

    private readonly Dictionary<string, double> _series;

    private MetricsSample(Dictionary<string, double> series) => _series = series;

    public double Reconciles => Sum("reconcile_total{");

    /// <summary>Objects of a resource in the caches.</summary>
    public double Cached(string resource) => Sum($"cache_objects{{resource=\"{resource}\"");

    public double QueueDepth => Sum("queue_depth{");

    public static MetricsSample Parse(string text) => new(text
        .Split('\n')
        .Where(l => l.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(l => l.LastIndexOf(' ') is var at ? KeyValuePair.Create(l[Prefix.Length..at], double.Parse(l[(at + 1)..], CultureInfo.InvariantCulture)) : default)
        .ToDictionary());

    /// <summary>What was added since an earlier sample.</summary>
    public MetricsSample Since(MetricsSample earlier) => new(_series.ToDictionary(s => s.Key, s => s.Value - earlier._series.GetValueOrDefault(s.Key)));

    /// <summary>A quantile of a histogram in seconds, interpolated within its bucket; NaN when nothing was observed.</summary>
    public double Quantile(string histogram, double quantile)
    {
        var buckets = _series
            .Where(s => s.Key.StartsWith(histogram + "_bucket{", StringComparison.Ordinal))
            .Select(s => (Le: UpperBound().Match(s.Key).Groups[1].Value, s.Value))
            .Select(b => (Le: b.Le == "+Inf" ? double.PositiveInfinity : double.Parse(b.Le, CultureInfo.InvariantCulture), b.Value))
            .OrderBy(b => b.Le).ToList();
        if (buckets.Count == 0 || buckets[^1].Value == 0)
            return double.NaN;
        var rank = quantile * buckets[^1].Value;
        var (lower, below) = (0.0, 0.0);
        foreach (var (le, count) in buckets)
        {
            if (count >= rank)
                return double.IsInfinity(le) ? lower : lower + ((le - lower) * (rank - below) / (count - below));
            (lower, below) = (le, count);
        }

        return lower;
    }

    private double Sum(string start) => _series.Where(s => s.Key.StartsWith(start, StringComparison.Ordinal)).Sum(s => s.Value);

    [GeneratedRegex("le=\"([^\"]+)\"")]
    private static partial Regex UpperBound();
}
