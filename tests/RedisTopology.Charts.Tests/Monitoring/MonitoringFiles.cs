using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RedisTopology.Charts.Tests.Monitoring;

/// <summary>The dashboards and alert rules of the operator's chart.</summary>
internal static partial class MonitoringFiles
{
    public static string RulesFile { get; } = Path.Combine(ChartFolder.Operator, "files", "alerts.yaml");

    public static IReadOnlyList<JsonNode> Rules { get; } =
        [.. new Manifests(File.ReadAllText(RulesFile)).All[0]["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray()).Select(r => r!)];

    public static IReadOnlyDictionary<string, JsonNode> Dashboards { get; } =
        Directory.GetFiles(Path.Combine(ChartFolder.Operator, "files", "dashboards"), "*.json").ToDictionary(f => Path.GetFileName(f), f => JsonNode.Parse(File.ReadAllText(f))!);

    public static IEnumerable<JsonNode> Panels(JsonNode dashboard) => dashboard["panels"]!.AsArray().Select(p => p!);

    public static IEnumerable<string> Expressions(JsonNode dashboard) =>
        Panels(dashboard).Where(p => p["targets"] is not null).SelectMany(p => p["targets"]!.AsArray().Select(t => (string)t!["expr"]!));

    public static IEnumerable<string> Legends(JsonNode dashboard) =>
        Panels(dashboard).Where(p => p["targets"] is not null).SelectMany(p => p["targets"]!.AsArray().Select(t => (string?)t!["legendFormat"] ?? ""));

    /// <summary>The series a query reads, each with what chooses among them.</summary>
    public static IEnumerable<(string Series, string Matchers)> Selectors(string expression) => Selector().Matches(expression).Select(m => (m.Groups[1].Value, m.Groups[2].Value));

    public static IEnumerable<string> Series(string text) => Name().Matches(text).Select(m => m.Value).Distinct();

    [GeneratedRegex("redis_topology_(operator|sidecar)_[a-z0-9_]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"(redis_topology_(?:operator|sidecar)_[a-z0-9_]+)(?:\{([^}]*)\})?")]
    private static partial Regex Selector();
}
