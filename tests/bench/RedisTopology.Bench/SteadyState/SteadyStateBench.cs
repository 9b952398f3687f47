using System.Globalization;
using RedisTopology.Bench.Harness;
using RedisTopology.Bench.Report;
using RedisTopology.Testing;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Bench.SteadyState;

/// <summary>
/// a: what a settled cluster costs the API server and its own servers. API requests are counted by a proxy before the API server, Redis commands by the servers
/// themselves, once with the operator and once without: the difference is the operator's, the rest are probes, replication and this benchmark's own two looks.
/// </summary>
internal static class SteadyStateBench
{
    private static readonly ClusterShape Shape = new(3, 1);

    public static async Task RunAsync(BenchOptions options, CancellationToken cancel)
    {
        await using var world = await BenchWorld.StartAsync(new ProcessKubeletOptions(), cancel);
        await BenchCluster.CreateNamespaceAsync(world.Plane, "steady", cancel);
        var cluster = new BenchCluster(world.Plane.Client, "steady", "cc", Shape);
        await using var running = await world.StartOperatorAsync(cancel);
        await cluster.CreateAsync(cancel);
        await Eventually.ThatAsync(() => cluster.StatusAsync(cancel), BenchCluster.IsReady, TimeSpan.FromSeconds(120), ct: cancel);
        Progress.Say($"{Shape} is ready; letting it settle");
        await Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, cancel);

        var table = new ResultTable(string.Create(CultureInfo.InvariantCulture, $"steady. A settled cluster of {Shape}, over {options.Window.TotalSeconds:0} s"));
        var metricsBefore = await running.MetricsAsync(cancel);
        var requestsBefore = world.Proxy.RequestCounts;
        var with = await RateAsync(world, cluster, options.Window, cancel);
        var requests = world.Proxy.RequestCounts.Since(requestsBefore);
        var metrics = (await running.MetricsAsync(cancel)).Since(metricsBefore);
        var phase = (await cluster.StatusAsync(cancel)).Phase;
        await running.DisposeAsync();
        Progress.Say($"the operator is stopped: now without it");
        var without = await RateAsync(world, cluster, options.Window, cancel);
        Report(table, options.Window, requests, metrics, with.Beyond(without), without, phase);
    }

    private static async Task<CommandCounts> RateAsync(BenchWorld world, BenchCluster cluster, TimeSpan window, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        var before = await CommandCounts.ReadAsync(world.Kubelet, cluster, cancel);
        var start = clock.GetTimestamp();
        await Task.Delay(window, clock, cancel);
        var after = await CommandCounts.ReadAsync(world.Kubelet, cluster, cancel);
        return after.RateSince(before, clock.GetElapsedTime(start));
    }

    private static void Report(ResultTable table, TimeSpan window, RequestCounts requests, MetricsSample metrics, CommandCounts operators, CommandCounts others, string? phase)
    {
        var reconciles = metrics.Reconciles;
        var counted = requests.ByVerbAndResource.Where(r => r.Key.Verb != "WATCH").ToList();
        var reads = counted.Sum(r => r.Value) - requests.Writes;
        table.Add("reconciles", $"{reconciles:0} ({reconciles / window.TotalMinutes:0.0} per minute)");
        table.Add("API writes", $"{requests.Writes}", "0", requests.Writes == 0);
        table.Add(
            "API requests per reconcile, watches apart",
            $"{(reads + requests.Writes) / Math.Max(1, reconciles):0.00}",
            "at most 2",
            reads + requests.Writes <= 2 * reconciles);
        table.Add("which requests", $"{(counted.Count == 0 ? "none" : string.Join(", ", counted.Select(r => $"{r.Value} {r.Key.Verb} {r.Key.Resource}")))}");
        table.Add("watches opened anew", $"{requests.ByVerbAndResource.Where(r => r.Key.Verb == "WATCH").Sum(r => r.Value)}");
        table.Add("Redis commands by the operator, a second, all servers together", $"{operators.Total:0.00}");
        table.Add("by command, a second", $"{List(operators)}");
        table.Add("Redis commands per reconcile, without the monitor's four a second", $"{(operators.Total - 4) * window.TotalSeconds / Math.Max(1, reconciles):0.0}");
        table.Add("without the operator (probes, replication), a second", $"{others.Total:0.00}: {List(others)}");
        table.Add("reconcile p50 / p99", $"{metrics.Quantile("reconcile_duration_seconds", 0.5) * 1000:0.0} / {metrics.Quantile("reconcile_duration_seconds", 0.99) * 1000:0.0} ms");
        table.Note($"The cluster stayed in phase {phase}. A full look every 15 s sends each of the {Shape.Pods} servers three commands; the monitor sends one of them one command a second.");
        table.Note($"The Secret is read again every 5 minutes, one request more per 20 reconciles. With leader election the lease is renewed every 2 s, per process, not per cluster.");
        table.Print();
    }

    private static string List(CommandCounts counts) => string.Join(", ", counts.ByCommand
        .Where(c => Math.Abs(c.Value) >= 0.02)
        .OrderByDescending(c => c.Value)
        .Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key} {c.Value:0.00}")));
}
