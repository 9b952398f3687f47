using System.Globalization;
using RedisTopology.Bench.Harness;
using RedisTopology.Bench.Report;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Bench.Forming;

/// <summary>b: from apply to Ready, split where the last server process runs: before that it is Kubernetes' time (here the harness'), after it the operator's.</summary>
internal static class FormingBench
{
    private const double Goal = 5;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    public static async Task RunAsync(BenchOptions options, CancellationToken cancel)
    {
        await using var world = await BenchWorld.StartAsync(new ProcessKubeletOptions(), cancel);
        await using var running = await world.StartOperatorAsync(cancel);
        var table = new ResultTable(string.Create(CultureInfo.InvariantCulture, $"forming. Apply to Ready, medians of {options.Runs} runs"));

        // The first cluster of a process pays for its just-in-time compilation: run once, not counted.
        await BenchCluster.CreateNamespaceAsync(world.Plane, "warm", cancel);
        Progress.Say($"warm up: {await FormAsync(world, new BenchCluster(world.Plane.Client, "warm", "cc", new(1, 0)), cancel)}");
        foreach (var shape in options.Shapes)
        {
            var runs = new List<FormingRun>();
            for (var i = 0; i < options.Runs; i++)
            {
                var ns = $"form-{shape}-{i}";
                await BenchCluster.CreateNamespaceAsync(world.Plane, ns, cancel);
                runs.Add(await FormAsync(world, new BenchCluster(world.Plane.Client, ns, "cc", shape), cancel));
                Progress.Say($"{shape}: {runs[^1]}, load {Machine.Load:0.0}");
            }

            var toReady = Statistics.Median(runs.Select(r => r.RunningToReady));
            table.Add($"{shape} ({shape.Pods} pods): apply to pods running", $"{Statistics.Median(runs.Select(r => r.Running)):0.00} s");
            table.Add($"{shape}: pods running to all slots served", $"{Statistics.Median(runs.Select(r => r.Formed - r.Running)):0.00} s");
            var measured = (FormattableString)$"{toReady:0.00} s (worst {runs.Max(r => r.RunningToReady):0.00} s)";
            if (shape == new ClusterShape(3, 2))
                table.Add($"{shape}: pods running to Ready", measured, "under 5 s", toReady < Goal);
            else
                table.Add($"{shape}: pods running to Ready", measured);
            table.Add($"{shape}: of that, by what was waited for", $"{string.Join(", ", Waits(runs))}");
            table.Add($"{shape}: apply to Ready", $"{Statistics.Median(runs.Select(r => r.Ready)):0.00} s");
        }

        table.Note($"A Redis master serves no earlier than 2 s after its process started, whatever it is told (CLUSTER_WRITABLE_DELAY): that bounds ClusterNotOk.");
        table.Print();
    }

    private static async Task<FormingRun> FormAsync(BenchWorld world, BenchCluster cluster, CancellationToken cancel)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        await cluster.CreateAsync(cancel);
        double? running = null, formed = null;
        var (waits, before) = (new Dictionary<string, double>(), 0.0);
        while (true)
        {
            var pods = world.Kubelet.Pods.Count(p => p.Namespace == cluster.Namespace && p.ProcessIds.Count > 0);
            if (pods == cluster.Shape.Pods)
                running ??= clock.GetElapsedTime(start).TotalSeconds;
            var status = await cluster.StatusAsync(cancel);
            if (status.SlotsCovered == "16384/16384")
                formed ??= clock.GetElapsedTime(start).TotalSeconds;
            var now = clock.GetElapsedTime(start).TotalSeconds;
            if (running is not null && status.Conditions?.FirstOrDefault(c => c.Type == "Ready") is { } condition)
                waits[condition.Reason] = waits.GetValueOrDefault(condition.Reason) + now - Math.Max(before, running.Value);
            before = now;
            if (BenchCluster.IsReady(status) && running is not null)
            {
                await RemoveAsync(world, cluster, cancel);
                return new FormingRun(running.Value, formed ?? now, now, waits);
            }

            if (now > 180)
                throw new TimeoutException($"{cluster.Shape} is {status.Phase} after {now:0} s: {status.Ready} ready, {status.SlotsCovered} slots");
            await Task.Delay(Poll, clock, cancel);
        }
    }

    private static IEnumerable<string> Waits(List<FormingRun> runs) => runs
        .SelectMany(r => r.Waits).GroupBy(w => w.Key)
        .Select(g => (Reason: g.Key, Seconds: Statistics.Median(runs.Select(r => r.Waits.GetValueOrDefault(g.Key)))))
        .Where(w => w.Seconds >= 0.05).OrderByDescending(w => w.Seconds)
        .Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Reason} {w.Seconds:0.00} s"));

    private static async Task RemoveAsync(BenchWorld world, BenchCluster cluster, CancellationToken cancel)
    {
        await cluster.DeleteAsync(cancel);
        await world.Kubelet.WaitForAsync(pods => pods.All(p => p.Namespace != cluster.Namespace), TimeSpan.FromSeconds(120), cancel);
    }
}
