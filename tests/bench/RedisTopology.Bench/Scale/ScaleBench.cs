using System.Globalization;
using RedisTopology.Bench.Harness;
using RedisTopology.Bench.Report;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Bench.Scale;

/// <summary>
/// c: many clusters, whose pods Kubernetes says are Ready although no process is behind them. In one mode connections to them are refused, so that the clusters
/// stay Pending: the worst case of a thousand clusters that are all down. In the other a listener acts their servers, so that they are Ready: the usual case.
/// </summary>
internal static class ScaleBench
{
    private const double MemoryGoal = 300;
    private const int ClustersPerNamespace = 100;
    private static readonly ClusterShape Shape = new(3, 1);
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(40);

    /// <summary>Between two looks at a cluster in which nothing happens.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(15);

    /// <summary>A window is not a multiple of the period.</summary>
    private const double Slack = 1.25;

    /// <summary>A cluster that waits is looked at after a tenth of the time it has waited, at most 15 s: idle is what it is after ten times that.</summary>
    private static readonly TimeSpan BackOff = TimeSpan.FromSeconds(150);

    public static async Task RunAsync(BenchOptions options, bool answering, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        await using var world = await BenchWorld.StartAsync(new ProcessKubeletOptions { SimulateOnly = true, Nodes = 10 }, cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var pods = new PodAddressBook(world.Plane.Client);
        var watching = pods.RunAsync(stop.Token);
        await using var servers = answering ? new AnsweringServers(pods, Shape.Shards) : null;
        var running = await world.StartOperatorAsync(cancel);
        var empty = running.Memory("VmRSS");
        var table = new ResultTable(string.Create(CultureInfo.InvariantCulture, $"scale. {options.Clusters} clusters of {Shape} ({options.Clusters * Shape.Pods} simulated pods), servers {(answering ? "answering: Ready" : "refusing: Pending")}"));
        try
        {
            var start = clock.GetTimestamp();
            var clusters = await CreateAsync(world, options.Clusters, cancel);
            await SettleAsync(world, running, pods, servers, options.Clusters, start, cancel);
            var settled = clock.GetElapsedTime(start) - Quiet;
            var creating = await running.MetricsAsync(cancel);
            var phases = await PhasesAsync(clusters, cancel);
            var (rss, high) = (running.Memory("VmRSS"), running.Memory("VmHWM"));

            if (!answering)
            {
                Progress.Say($"quiet; waiting {BackOff.TotalSeconds:0} s until the back-off is at its longest");
                await Task.Delay(BackOff, clock, cancel);
            }

            var idleBefore = await running.MetricsAsync(cancel);
            Progress.Say($"measuring for {options.Window.TotalSeconds:0} s");
            var (requestsBefore, cpuBefore, commandsBefore, from) = (world.Proxy.RequestCounts, running.CpuTime(), servers?.Commands ?? 0, clock.GetTimestamp());
            await Task.Delay(options.Window, clock, cancel);
            var window = clock.GetElapsedTime(from);
            var cpu = running.CpuTime() - cpuBefore;
            var requests = world.Proxy.RequestCounts.Since(requestsBefore);
            var idle = (await running.MetricsAsync(cancel)).Since(idleBefore);

            table.Add("phases", $"{phases}");
            table.Add("operator RSS without clusters", $"{empty:0} MiB");
            table.Add("operator RSS after creation", $"{rss:0} MiB (highest {high:0} MiB)", "under 300 MiB", rss < MemoryGoal);
            table.Add("operator RSS after the idle window", $"{running.Memory("VmRSS"):0} MiB (highest {running.Memory("VmHWM"):0} MiB)", "under 300 MiB", running.Memory("VmRSS") < MemoryGoal);
            table.Add($"API writes when idle, {window.TotalSeconds:0} s", $"{requests.Writes}", "0", requests.Writes == 0);
            table.Add("API requests when idle", $"{string.Join(", ", requests.ByVerbAndResource.Select(r => $"{r.Value} {r.Key.Verb} {r.Key.Resource}").DefaultIfEmpty("none"))}");
            table.Add("CPU when idle", $"{cpu.TotalSeconds * 60 / window.TotalSeconds:0.0} s per minute");
            var (looks, due) = (idle.Reconciles / window.TotalSeconds, options.Clusters / Period.TotalSeconds);
            table.Add("reconciles when idle", $"{looks:0.0} a second", $"at most {due * Slack:0.0}: one of each cluster in {Period.TotalSeconds:0} s", looks <= due * Slack);
            table.Add("reconcile when idle, p50 / p99", $"{Milliseconds(idle, "reconcile_duration_seconds", 0.5)} / {Milliseconds(idle, "reconcile_duration_seconds", 0.99)} ms");
            table.Add("wait in the queue when idle, p50 / p99", $"{Milliseconds(idle, "queue_wait_seconds", 0.5)} / {Milliseconds(idle, "queue_wait_seconds", 0.99)} ms");
            table.Add("creation to the last write", $"{settled.TotalSeconds:0} s");
            table.Add("reconcile while creating, p50 / p99", $"{Milliseconds(creating, "reconcile_duration_seconds", 0.5)} / {Milliseconds(creating, "reconcile_duration_seconds", 0.99)} ms");
            if (servers is not null)
                table.Add("connections held / Redis commands when idle", $"{servers.Connections} / {(servers.Commands - commandsBefore) / window.TotalSeconds:0} a second");
            await running.DisposeAsync();
            (running, var took) = await RestartAsync(world, options.Clusters, cancel);
            table.Add("a new operator process: start to every cluster looked at", $"{took.Time.TotalSeconds:0.0} s, {took.Writes} writes, CPU {running.CpuTime().TotalSeconds:0.0} s");
            await Task.Delay(options.Window, clock, cancel);
            table.Add("its RSS after the same window", $"{running.Memory("VmRSS"):0} MiB (highest {running.Memory("VmHWM"):0} MiB)", "under 300 MiB", running.Memory("VmRSS") < MemoryGoal);
            foreach (var experiment in (Environment.GetEnvironmentVariable("BENCH_EXPERIMENTS") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                await running.DisposeAsync();
                foreach (var v in experiment.Split(','))
                    Environment.SetEnvironmentVariable(v.Split('=')[0], v.Split('=')[1]);
                (running, var t) = await RestartAsync(world, options.Clusters, cancel);
                await Task.Delay(options.Window, clock, cancel);
                table.Add(experiment, $"{t.Time.TotalSeconds:0.0} s, RSS {running.Memory("VmRSS"):0} MiB (highest {running.Memory("VmHWM"):0} MiB) CPU {running.CpuTime().TotalSeconds:0.0} s");
                foreach (var v in experiment.Split(','))
                    Environment.SetEnvironmentVariable(v.Split('=')[0], null);
            }

            table.Note($"The operator ran as a process of its own behind a counting proxy; load generator, API server, controllers and etcd shared the cores with it.");
            table.Print();
        }
        catch (Exception)
        {
            await Console.Error.WriteLineAsync(LogTail(running.LogPath));
            throw;
        }
        finally
        {
            await running.DisposeAsync();
            await stop.CancelAsync();
            await watching;
        }
    }

    private static async Task<List<BenchCluster>> CreateAsync(BenchWorld world, int count, CancellationToken cancel)
    {
        var clusters = Enumerable.Range(0, count).Select(i => new BenchCluster(world.Plane.Client, $"scale-{i / ClustersPerNamespace}", $"cc-{i}", Shape)).ToList();
        foreach (var ns in clusters.Select(c => c.Namespace).Distinct())
            await BenchCluster.CreateNamespaceAsync(world.Plane, ns, cancel);
        await Parallel.ForEachAsync(clusters, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancel }, async (cluster, c) => await cluster.CreateAsync(c));
        Progress.Say($"{count} clusters created");
        return clusters;
    }

    /// <summary>Waits until every pod has its address and the operator has written nothing for a while.</summary>
    private static async Task SettleAsync(BenchWorld world, OperatorProcess running, PodAddressBook pods, AnsweringServers? servers, int clusters, long start, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        var (writes, since) = (-1, clock.GetTimestamp());
        var told = 0L;
        while (pods.Count < clusters * Shape.Pods || clock.GetElapsedTime(since) < Quiet)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), clock, cancel);
            if (world.Proxy.RequestCounts.Writes is var now && now != writes)
                (writes, since) = (now, clock.GetTimestamp());
            var elapsed = clock.GetElapsedTime(start);
            if (elapsed > Deadline)
                throw new TimeoutException($"Not quiet after {elapsed}: {pods.Count} pods, {world.Proxy.RequestCounts}");
            if ((long)elapsed.TotalSeconds / 10 == told)
                continue;
            told = (long)elapsed.TotalSeconds / 10;
            var metrics = await running.MetricsAsync(cancel);
            Progress.Say($"{pods.Count} pods with addresses, {writes} writes by the operator, queue {metrics.QueueDepth:0}, {metrics.Reconciles:0} reconciles, {servers?.Connections ?? 0} connections, RSS {running.Memory("VmRSS"):0} MiB, CPU {running.CpuTime().TotalSeconds:0} s, load {Machine.Load:0.0}");
        }
    }

    /// <summary>What a new leader or a new version does: lists everything, looks at every cluster, and should write nothing.</summary>
    private static async Task<(OperatorProcess Operator, (TimeSpan Time, int Writes) Took)> RestartAsync(BenchWorld world, int clusters, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        var (start, before) = (clock.GetTimestamp(), world.Proxy.RequestCounts);
        var running = await world.StartOperatorAsync(cancel);
        while ((await running.MetricsAsync(cancel)) is var metrics && (metrics.Reconciles < clusters || metrics.QueueDepth > 0))
        {
            if (clock.GetElapsedTime(start) > Deadline)
                throw new TimeoutException($"Only {metrics.Reconciles} reconciles after {Deadline}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancel);
        }

        return (running, (clock.GetElapsedTime(start), world.Proxy.RequestCounts.Since(before).Writes));
    }

    private static async Task<string> PhasesAsync(List<BenchCluster> clusters, CancellationToken cancel)
    {
        var phases = new List<string?>();
        foreach (var cluster in clusters)
            phases.Add((await cluster.StatusAsync(cancel)).Phase);
        return string.Join(", ", phases.GroupBy(p => p).Select(g => $"{g.Count()} {g.Key}"));
    }

    private static string Milliseconds(MetricsSample sample, string histogram, double quantile) =>
        (sample.Quantile(histogram, quantile) * 1000).ToString("0.0", CultureInfo.InvariantCulture);

    private static string LogTail(string path) => string.Join('\n', File.ReadLines(path).TakeLast(20));
}
