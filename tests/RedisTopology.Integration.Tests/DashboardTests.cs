using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>The dashboards and alerts in a real Prometheus, which scrapes an operator and a sidecar as the chart's monitors have it.</summary>
public sealed partial class DashboardTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const string App = "apps";

    private static readonly string Files = Path.Combine(Repository.Root, "charts", "redis-topology-operator", "files");

    /// <summary>Metrics that there are only after what this test does not bring about: a watch ends after minutes, a certificate is of a cluster that speaks TLS.</summary>
    private static readonly string[] NotYet = ["redis_topology_operator_watch_restarts_total", "redis_topology_operator_cluster_certificate_expiry_timestamp_seconds"];

    private readonly HttpClient _http = new();

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Every_panel_has_data_and_every_alert_can_be_evaluated()
    {
        Prerequisites.Program("prometheus", "prometheus");
        using var directory = TestDirectory.Create("dashboards");
        using var port = PortLease.Take();
        await using var running = await OperatorExecutable.StartAsync(Fixture.Plane.KubeconfigPath, Cluster.Namespace, Cancel, port.Port);
        await ApplyAsync(3, "64Mi");
        await File.WriteAllTextAsync(directory["password"], await Cluster.PasswordAsync(), Cancel);
        await using var sidecar = await SidecarProcess.StartAsync(string.Join(',', Cluster.Endpoints), [$"passwordFile: {directory["password"]}", "readFrom: Replica", "consistency: Session"], ct: Cancel);
        using var web = PortLease.Take();
        await using var prometheus = await StartPrometheusAsync(directory, web.Port, port.Port, sidecar.AdminPort);
        _http.BaseAddress = new Uri($"http://127.0.0.1:{web.Port}/api/v1/");
        await Eventually.ThatAsync(() => ValuesAsync("up == 1"), up => up.Count == 2, TimeSpan.FromSeconds(60), describe: _ => prometheus.LogTail(), ct: Cancel);

        using var end = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var traffic = Task.Run(() => Traffic(sidecar, end.Token), Cancel);
        await SwitchOverAsync("s1");
        await ApplyAsync(4, "80Mi");

        Assert.Empty(await EmptyAsync());
        foreach (var counted in (string[])["master_changes_total", "failovers_total{kind=\"graceful\"}", "slots_moved_total", "keys_moved_total"])
            Assert.True((await ValuesAsync($"increase(redis_topology_operator_{counted}[10m])")).Sum() > 0.5, $"{counted}: the first of them is not seen");
        await RulesAreEvaluatedAsync();
        await end.CancelAsync();
        await traffic;
    }

    private async Task ApplyAsync(int shards, string memory)
    {
        await Cluster.ApplyAsync($"size: {{memory: {memory}}}, replicas: 1, sharding: {{count: {shards}}}");
        await Cluster.UntilReadyAsync(180);
    }

    private async Task SwitchOverAsync(string shard)
    {
        var master = await Cluster.MasterAsync(shard);
        var order = $"{shard} {master.Split('/')[1]} - {TimeProvider.System.GetUtcNow().AddMinutes(2):yyyy-MM-dd'T'HH:mm:ss'Z'}";
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["cache.redistopology.io/switchover"] = order } } };
        await Cluster.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(patch.ToJsonString(), V1Patch.PatchType.MergePatch), "cache.redistopology.io", "v1alpha1", Cluster.Namespace, "cacheclusters", Cluster.Name, cancellationToken: Cancel);
        await Eventually.ThatAsync(() => Cluster.MasterAsync(shard), now => now != master, TimeSpan.FromSeconds(60), ct: Cancel);
        await Cluster.UntilReadyAsync(120);
    }

    /// <summary>Writes, reads, and one mistake in a hundred.</summary>
    private static void Traffic(SidecarProcess sidecar, CancellationToken end)
    {
        using var client = sidecar.Connect(TimeSpan.FromSeconds(60));
        for (var i = 0; !end.IsCancellationRequested; i++)
        {
            client.Call("SET", $"key:{i % 5000}", "value");
            client.Call("GET", $"key:{(i + 2500) % 5000}");
            if (i % 100 == 0)
                client.Call("LPUSH", $"key:{i % 5000}", "not a list");
            end.WaitHandle.WaitOne(1);
        }
    }

    /// <summary>Labelled as the operator's ServiceMonitor and the sidecars' PodMonitor do it.</summary>
    private static async Task<ManagedProcess> StartPrometheusAsync(TestDirectory directory, int web, int operatorPort, int sidecarPort)
    {
        await File.WriteAllTextAsync(
            directory["prometheus.yaml"],
            $$"""
            global: {scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s}
            rule_files: ["{{Path.Combine(Files, "alerts.yaml")}}"]
            scrape_configs:
            - job_name: operator
              honor_labels: true
              static_configs:
              - targets: ["127.0.0.1:{{operatorPort}}"]
                labels: {namespace: redis-topology-system, pod: operator-0}
            - job_name: sidecars
              static_configs:
              - targets: ["127.0.0.1:{{sidecarPort}}"]
                labels: {namespace: {{App}}, pod: shop-0}
            """,
            Cancel);
        return ManagedProcess.Start(
            Executables.Find("prometheus", "Install prometheus."),
            [$"--config.file={directory["prometheus.yaml"]}", $"--storage.tsdb.path={directory["data"]}", $"--web.listen-address=127.0.0.1:{web}", "--log.level=warn"],
            directory["prometheus.log"]);
    }

    /// <summary>The panels and choices of dashboards that show nothing, however often they are looked at for half a minute.</summary>
    private async Task<List<string>> EmptyAsync()
    {
        var empty = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Files, "dashboards")).Order(StringComparer.Ordinal))
        {
            var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!;
            foreach (var choice in dashboard["templating"]!["list"]!.AsArray().Select(v => v!["query"]).OfType<JsonObject>())
            {
                var match = LabelValues().Match(Filled(file, (string)choice["query"]!));
                if ((await GetAsync($"label/{match.Groups[2].Value}/values?match[]={Uri.EscapeDataString(match.Groups[1].Value)}")).AsArray().Count == 0)
                    empty.Add($"{Path.GetFileName(file)}: {choice["query"]}");
            }

            foreach (var panel in dashboard["panels"]!.AsArray().Select(p => p!))
            {
                foreach (var query in (panel["targets"]?.AsArray() ?? []).Select(t => (string)t!["expr"]!).Where(q => !NotYet.Any(q.Contains)))
                {
                    if (!await ShowsAsync(Filled(file, query)))
                        empty.Add($"{Path.GetFileName(file)}, {panel["title"]}: {query}");
                }
            }
        }

        return empty;
    }

    private async Task<bool> ShowsAsync(string query)
    {
        try
        {
            await Eventually.ThatAsync(() => ValuesAsync(query), values => values.Any(v => !double.IsNaN(v)), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(500), ct: Cancel);
            return true;
        }
        catch (EventuallyException e) when (e.InnerException is null)
        {
            return false;
        }
    }

    /// <summary>Every rule is evaluated without an error, and none is about to fire: the cluster is well, the operator leads.</summary>
    private async Task RulesAreEvaluatedAsync()
    {
        var rules = (await Eventually.ThatAsync(
            () => GetAsync("rules"), r => !Rules(r).Any(Stirs), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1), r => string.Join('\n', Rules(r).Where(Stirs).Select(a => a.ToJsonString())), ct: Cancel))!;
        Assert.NotEmpty(Rules(rules));
        // An alert about a series that there never is would not fire either.
        foreach (var metric in Rules(rules).SelectMany(r => Metric().Matches((string)r["query"]!)).Select(m => m.Value).Distinct().Where(m => !NotYet.Any(m.Contains)))
            Assert.True((await ValuesAsync(metric)).Count > 0, $"An alert is about {metric}, which nobody exports.");

        static bool Stirs(JsonNode alert) => (string)alert["health"]! != "ok" || (string)alert["state"]! != "inactive";
        static List<JsonNode> Rules(JsonNode answer) => [.. answer["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray()).Select(r => r!)];
    }

    private string Filled(string file, string query) => query
        .Replace("$namespace", file.EndsWith("sidecars.json", StringComparison.Ordinal) ? App : Cluster.Namespace, StringComparison.Ordinal)
        .Replace("$cluster", Cluster.Name, StringComparison.Ordinal)
        .Replace("$pod", ".*", StringComparison.Ordinal);

    private async Task<List<double>> ValuesAsync(string query) =>
        [.. (await GetAsync($"query?query={Uri.EscapeDataString(query)}"))["result"]!.AsArray().Select(r => double.Parse((string)r!["value"]![1]!, CultureInfo.InvariantCulture))];

    private async Task<JsonNode> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
        var text = await response.Content.ReadAsStringAsync(Cancel);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {text}");
        return JsonNode.Parse(text)!["data"]!;
    }

    [GeneratedRegex(@"^label_values\((.*), (\w+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex("redis_topology_(?:operator|sidecar)_[a-z0-9_]+")]
    private static partial Regex Metric();
}
