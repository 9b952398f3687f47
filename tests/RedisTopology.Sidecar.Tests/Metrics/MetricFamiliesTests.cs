using System.Globalization;
using System.Text.RegularExpressions;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Metrics;
using RedisTopology.Sidecar.Tests.Topology;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Tests.Metrics;

public sealed partial class MetricFamiliesTests
{
    private readonly LoopMetrics[] _loops = [new(), new()];
    private readonly ReloadMetrics _reload = new();
    private readonly TopologyMetrics _looks = new();

    [Fact]
    public void Every_line_parses_and_every_metric_has_its_help_and_type()
    {
        Fill();
        var (typed, helped, names) = (new Dictionary<string, string>(), new HashSet<string>(), new HashSet<string>());
        foreach (var line in Render().TrimEnd('\n').Split('\n'))
        {
            if (Help().Match(line) is { Success: true } help)
                Assert.True(helped.Add(help.Groups[1].Value), line);
            else if (Type().Match(line) is { Success: true } type)
                Assert.True(typed.TryAdd(type.Groups[1].Value, type.Groups[2].Value), line);
            else if (Sample().Match(line) is { Success: true } sample)
                names.Add(FamilyOf(sample.Groups[1].Value, typed));
            else
                Assert.Fail($"not a line of Prometheus: {line}");
        }

        Assert.All(names, n => Assert.Contains(n, typed.Keys));
        Assert.Equal(typed.Keys.Order(), helped.Order());
        // A metric without samples is a metric nobody finds. Those of population are per rule, and here is none.
        Assert.Equal(typed.Keys.Where(n => !n.StartsWith("redis_topology_sidecar_population_", StringComparison.Ordinal)).Order(), names.Order());
        Assert.All(typed, t => Assert.Equal(t.Value == "counter", t.Key.EndsWith("_total", StringComparison.Ordinal)));
        Assert.All(typed.Keys, n => Assert.StartsWith("redis_topology_sidecar_", n, StringComparison.Ordinal));
    }

    [Fact]
    public void Loops_are_summed()
    {
        (_loops[0].Moved, _loops[1].Moved) = (3, 4);
        (_loops[0].Clients, _loops[1].Clients) = (1, 1);
        Assert.Equal(7, Value("redirects_total{kind=\"moved\"}"));
        Assert.Equal(2, Value("clients"));
    }

    [Fact]
    public void Everything_a_loop_counts_is_shown()
    {
        // Each counter gets a value of its own, and each value must be found.
        var expected = new List<double>();
        foreach (var property in typeof(LoopMetrics).GetProperties().Where(p => p.PropertyType == typeof(long) && p.Name != nameof(LoopMetrics.LastTurn)))
        {
            property.SetValue(_loops[0], 1_000_003L + (expected.Count * 1_001));
            expected.Add(1_000_003 + (expected.Count * 1_001));
        }

        Assert.True(expected.Count > 20);
        var values = Render().Split('\n').Where(l => l.Length > 0 && l[0] != '#').Select(l => double.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).ToHashSet();
        Assert.All(expected, e => Assert.Contains(e, values));
    }

    [Fact]
    public void Histograms_are_cumulative_and_in_seconds()
    {
        _loops[0].Latency(2, CommandClass.Read).Add(16);
        _loops[1].Latency(2, CommandClass.Read).Add(1_000_000);
        _loops[1].Latency(2, CommandClass.Read).Add(60_000_000);
        string Labels(string le) => $"command_duration_seconds_bucket{{class=\"read\",shard=\"2\",le=\"{le}\"}}";
        Assert.Equal(1, Value(Labels("0.000016")));
        Assert.Equal(1, Value(Labels("0.524288")));
        Assert.Equal(2, Value(Labels("1.048576")));
        Assert.Equal(3, Value(Labels("+Inf")));
        Assert.Equal(3, Value("command_duration_seconds_count{class=\"read\",shard=\"2\"}"));
        Assert.Equal(61.000016, Value("command_duration_seconds_sum{class=\"read\",shard=\"2\"}"), 6);
    }

    [Fact]
    public void The_process_is_shown_in_numbers_that_can_be()
    {
        Assert.InRange(Value("process_resident_memory_bytes"), 1 << 20, 1L << 34);
        Assert.InRange(Value("process_open_fds"), 3, 100_000);
        Assert.True(Value("process_cpu_seconds_total") > 0);
        Assert.InRange(Value("process_start_time_seconds"), 1.7e9, 1e11);
    }

    [Fact]
    public void The_topology_is_shown()
    {
        _looks.Count("moved", RefreshOutcome.Changed);
        Assert.Equal(1, Value("topology_refreshes_total{reason=\"moved\",outcome=\"changed\"}"));
        Assert.Equal(7, Value("topology_unserved_slots"));
        Assert.Equal(1, Value("shard_info{shard=\"0\",master=\"a:1\"}"));
        Assert.Equal(1, Value("shard_info{shard=\"1\",master=\"\"}"));
        Assert.Equal((1, 1), (Value("nodes{role=\"replica\",answers=\"yes\"}"), Value("nodes{role=\"replica\",answers=\"no\"}")));
        Assert.Equal(0.25, Value("replica_lag_seconds{shard=\"0\",node=\"b:1\"}"));
        Assert.Equal((1, 0), (Value("replica_in_sync{shard=\"0\",node=\"b:1\"}"), Value("replica_in_sync{shard=\"1\",node=\"c:1\"}")));
    }

    private void Fill()
    {
        _looks.Count("start", RefreshOutcome.Failed);
        for (var i = 0; i < LoopMetrics.ClassCount; i++)
            _loops[0].Latency(i, (CommandClass)i).Add(100 * i);
        if (_loops[0].Commands.Length > 0)
            _loops[0].Commands[0] = 1;
    }

    private string Render() => MetricFamilies.Render(new MetricSources(_loops, Reports.Typical, _looks, _reload));

    private double Value(string sample)
    {
        var line = Assert.Single(Render().Split('\n'), l => l.StartsWith($"redis_topology_sidecar_{sample} ", StringComparison.Ordinal));
        return double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    private static string FamilyOf(string sample, Dictionary<string, string> typed) =>
        typed.ContainsKey(sample) ? sample : Regex.Replace(sample, "_(bucket|sum|count)$", "");

    [GeneratedRegex(@"^# HELP ([a-z_:][a-z0-9_:]*) \S.*\.$")]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge|histogram)$")]
    private static partial Regex Type();

    [GeneratedRegex("""^([a-z_:][a-z0-9_:]*)(?:\{[a-z_]+="(?:[^"\\]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\]|\\["\\n])*")*\})? (?:[0-9.]+(?:E[+-]?[0-9]+)?|\+Inf|NaN)$""")]
    private static partial Regex Sample();
}
