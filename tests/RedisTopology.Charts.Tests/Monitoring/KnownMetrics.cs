using System.Reflection;
using System.Text.RegularExpressions;
using Prometheus;
using RedisTopology.Kubernetes;
using RedisTopology.Operator;
using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Monitoring;

/// <summary>Every series there is, as Prometheus sees it: the operator's from its own classes, the sidecar's from its generated page.</summary>
internal static partial class KnownMetrics
{
    /// <summary>The labels by which they can be chosen: their own, and for the sidecars' those that the PodMonitor adds.</summary>
    public static IReadOnlyDictionary<string, string[]> Labels { get; } =
        Operator().Concat(Sidecar()).SelectMany(m => (m.IsHistogram ? Parts(m.Name) : [m.Name]).Select(s => (Series: s, m.Labels))).DistinctBy(m => m.Series).ToDictionary(m => m.Series, m => m.Labels, StringComparer.Ordinal);

    public static IEnumerable<string> Series => Labels.Keys;

    private static IEnumerable<(string Name, bool IsHistogram, string[] Labels)> Operator()
    {
        var registry = Metrics.NewCustomRegistry();
        var clusters = new ClusterMetrics(registry);
        var runtime = new OperatorMetrics(registry, new OperatorSettings { MetricsPrefix = ClusterMetrics.Prefix });
        var collectors = typeof(ClusterMetrics).GetProperties().Select(p => p.GetValue(clusters))
            .Concat(typeof(OperatorMetrics).GetFields(BindingFlags.NonPublic | BindingFlags.Instance).Select(f => f.GetValue(runtime)));
        return collectors.OfType<Collector>().Select(c => (c.Name, c is Histogram, c.LabelNames));
    }

    private static IEnumerable<(string Name, bool IsHistogram, string[] Labels)> Sidecar() =>
        Row().Matches(File.ReadAllText(Repository.Docs("reference/sidecar-metrics.md"))).Select(m => ("redis_topology_sidecar_" + m.Groups[1].Value, m.Groups[2].Value == "histogram", new[] { "namespace", "pod" }));

    private static string[] Parts(string histogram) => [histogram + "_bucket", histogram + "_sum", histogram + "_count"];

    [GeneratedRegex(@"^\| `([a-z0-9_]+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
