using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Monitoring;

/// <summary>What a dashboard or an alert names is there, and can be understood.</summary>
public sealed class MonitoringTests : IDisposable
{
    private readonly TestDirectory _directory = TestDirectory.Create("monitoring");

    public static TheoryData<string> DashboardNames() => [.. MonitoringFiles.Dashboards.Keys];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_metrics_are_found()
    {
        Assert.Contains("redis_topology_operator_cluster_slots_covered", KnownMetrics.Series);
        Assert.Contains("redis_topology_operator_reconcile_duration_seconds_bucket", KnownMetrics.Series);
        Assert.Contains("redis_topology_sidecar_commands_total", KnownMetrics.Series);
    }

    [Fact]
    public void Every_metric_of_an_alert_exists() => Assert.Empty(MonitoringFiles.Series(File.ReadAllText(MonitoringFiles.RulesFile)).Except(KnownMetrics.Series));

    [Theory]
    [MemberData(nameof(DashboardNames))]
    public void Every_metric_of_a_dashboard_exists(string name)
    {
        var named = MonitoringFiles.Series(MonitoringFiles.Dashboards[name].ToJsonString()).ToList();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(KnownMetrics.Series));
    }

    [Theory]
    [MemberData(nameof(DashboardNames))]
    public void A_dashboard_is_whole(string name)
    {
        var dashboard = MonitoringFiles.Dashboards[name];
        var panels = MonitoringFiles.Panels(dashboard).ToList();
        Assert.Equal(panels.Count, panels.Select(p => (int)p["id"]!).Distinct().Count());
        Assert.All(panels, p => Assert.False(string.IsNullOrEmpty((string?)p["title"])));
        Assert.All(panels.Where(p => (string?)p["type"] != "row"), p => Assert.NotEmpty(p["targets"]!.AsArray()));
        Assert.All(MonitoringFiles.Expressions(dashboard), e => Assert.DoesNotContain("$__", e, StringComparison.Ordinal));

        // No panel lies on another.
        var cells = panels.SelectMany(p => Cells(p["gridPos"]!)).ToList();
        Assert.Equal(cells.Count, cells.Distinct().Count());
        Assert.All(cells, c => Assert.InRange(c.X, 0, 23));

        var variables = dashboard["templating"]!["list"]!.AsArray().Select(v => (string)v!["name"]!).ToList();
        Assert.Contains("datasource", variables);
        Assert.All(variables, v => Assert.Contains("$" + (v == "datasource" ? "{datasource}" : v), dashboard.ToJsonString(), StringComparison.Ordinal));
    }

    /// <summary>A panel that passes a choice over shows the figures of all clusters to whoever has chosen one.</summary>
    [Theory]
    [MemberData(nameof(DashboardNames))]
    public void Every_query_goes_by_the_choices_of_its_dashboard(string name)
    {
        var dashboard = MonitoringFiles.Dashboards[name];
        var choices = dashboard["templating"]!["list"]!.AsArray().Select(v => (string)v!["name"]!).Where(v => v != "datasource").Select(v => (Label: v == "cluster" ? "name" : v, Variable: v)).ToList();
        Assert.All(MonitoringFiles.Expressions(dashboard).SelectMany(MonitoringFiles.Selectors), s =>
            Assert.All(choices.Where(c => KnownMetrics.Labels[s.Series].Contains(c.Label)), c => Assert.Contains($"{c.Label}=~\"${c.Variable}\"", s.Matchers, StringComparison.Ordinal)));
    }

    /// <summary>Clusters of two namespaces may have the same name, and so may pods.</summary>
    [Theory]
    [MemberData(nameof(DashboardNames))]
    public void A_legend_names_a_cluster_or_a_pod_with_its_namespace(string name)
    {
        var dashboard = MonitoringFiles.Dashboards[name];
        Assert.All(MonitoringFiles.Legends(dashboard).SelectMany(l => (string[])[.. l.Split("{{name}}")[..^1], .. l.Split("{{pod}}")[..^1]]), before => Assert.EndsWith("{{namespace}}/", before, StringComparison.Ordinal));
        Assert.DoesNotContain("by (pod", string.Concat(MonitoringFiles.Expressions(dashboard)), StringComparison.Ordinal);
    }

    /// <summary>Without any, Grafana shows every number from 80 on in red.</summary>
    [Theory]
    [MemberData(nameof(DashboardNames))]
    public void A_single_number_has_thresholds_of_its_own(string name) =>
        Assert.All(MonitoringFiles.Panels(MonitoringFiles.Dashboards[name]).Where(p => (string?)p["type"] == "stat"), p => Assert.NotNull(p["fieldConfig"]!["defaults"]!["thresholds"]));

    [Fact]
    public void Dashboards_have_names_of_their_own()
    {
        Assert.Equal(MonitoringFiles.Dashboards.Count, MonitoringFiles.Dashboards.Values.Select(d => (string?)d["uid"]).Distinct().Count());
        Assert.All(MonitoringFiles.Dashboards.Values, d => Assert.StartsWith("redis-topology-", (string?)d["uid"], StringComparison.Ordinal));
    }

    [Fact]
    public void Every_alert_has_a_runbook_and_every_runbook_an_alert()
    {
        var alerts = MonitoringFiles.Rules.Select(r => (string)r["alert"]!).Order(StringComparer.Ordinal).ToList();
        var pages = Directory.GetFiles(Repository.Docs("runbooks"), "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(n => n != "README").Order(StringComparer.Ordinal);
        Assert.Equal(alerts, pages);
        var index = File.ReadAllText(Repository.Docs("runbooks/README.md"));
        Assert.All(alerts, a => Assert.Contains($"[{a}]({a}.md)", index, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_alert_says_how_bad_it_is_and_what_it_means() => Assert.All(MonitoringFiles.Rules, r =>
    {
        Assert.Contains((string)r["labels"]!["severity"]!, new[] { "critical", "warning", "info" });
        Assert.False(string.IsNullOrEmpty((string?)r["annotations"]!["summary"]));
        Assert.False(string.IsNullOrEmpty((string?)r["annotations"]!["description"]));
    });

    [Fact]
    public async Task Prometheus_understands_every_rule_and_every_panel()
    {
        Prerequisites.Program("promtool", "prometheus");
        var promtool = new Tool(Executables.TryFind("promtool")!);
        await promtool.RunAsync(["check", "rules", MonitoringFiles.RulesFile], ct: TestContext.Current.CancellationToken);

        // A panel's query as a rule.
        var number = 0;
        var rules = MonitoringFiles.Dashboards.Values.SelectMany(MonitoringFiles.Expressions).Select(e => $"  - record: panel:{number++}\n    expr: '{e.Replace("$", "", StringComparison.Ordinal)}'");
        await File.WriteAllTextAsync(_directory["panels.yaml"], $"groups:\n- name: panels\n  rules:\n{string.Join('\n', rules)}\n", TestContext.Current.CancellationToken);
        await promtool.RunAsync(["check", "rules", "--lint=none", _directory["panels.yaml"]], ct: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Alerts_fire_when_they_should_and_only_then()
    {
        Prerequisites.Program("promtool", "prometheus");
        var cases = Path.Combine(Repository.Root, "tests", "RedisTopology.Charts.Tests", "Fixtures", "alerts.test.yaml");
        File.Copy(cases, _directory["alerts.test.yaml"]);
        File.Copy(MonitoringFiles.RulesFile, _directory["alerts.yaml"]);
        await new Tool(Executables.TryFind("promtool")!).RunAsync(["test", "rules", _directory["alerts.test.yaml"]], ct: TestContext.Current.CancellationToken);
    }

    private static IEnumerable<(int X, int Y)> Cells(System.Text.Json.Nodes.JsonNode position) =>
        from x in Enumerable.Range((int)position["x"]!, (int)position["w"]!)
        from y in Enumerable.Range((int)position["y"]!, (int)position["h"]!)
        select (x, y);
}
