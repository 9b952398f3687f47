using k8s;
using RedisTopology.Bench.Report;

namespace RedisTopology.Bench.Operations;

/// <summary>The longest time a writer waits while a master hands over to its replica, as planned.</summary>
internal static class SwitchoverBench
{
    private const double Goal = 300;

    /// <summary>The default of 5 s would need longer rests between switchovers; see <see cref="LoadedCluster"/>. The gap does not depend on it.</summary>
    private const string NodeTimeout = "2s";

    public static async Task RunAsync(int count, CancellationToken cancel)
    {
        await using var running = await LoadedCluster.StartAsync("switchover", NodeTimeout, cancel);
        var table = new ResultTable($"switchover. Write gap of a planned switchover, 3x1, {count} of each kind");
        await MeasureAsync("CLUSTER FAILOVER, as the operator orders it", replica => running.FailoverAsync(replica, cancel), deletes: false);
        await MeasureAsync("master's pod deleted (preStop)", master => running.Plane.Client.CoreV1.DeleteNamespacedPodAsync(master, running.Cluster.Namespace, cancellationToken: cancel), deletes: true);
        var report = await running.Load.StopAsync();
        table.Add("acknowledged writes lost, of all of them", $"{report.Lost} of {report.Written}", "0", report.Lost == 0);
        table.Add("reads that were wrong", $"{report.FalseNils + report.Stale} of {report.Reads}", "0", report.FalseNils + report.Stale == 0);
        table.Note($"The longest time any of 6 sequential writers (one part of the slots each) was without an acknowledged write, from the order until the cluster was Ready again.");
        table.Print();

        async Task MeasureAsync(string what, Func<string, Task> order, bool deletes)
        {
            var gaps = new List<double>();
            for (var i = 0; i < count; i++)
            {
                var shard = i % running.Cluster.Shape.Shards;
                var (master, replica) = LoadedCluster.Roles(await running.Cluster.StatusAsync(cancel), shard);
                gaps.Add(await running.GapAsync(() => order(deletes ? master : replica), s => s.Shards![shard].Master == replica, cancel));
                Progress.Say($"{what} {i + 1}: {gaps[^1]:0} ms");
            }

            var p99 = Statistics.Percentile(gaps, 0.99);
            table.Add($"{what}: p50", $"{Statistics.Median(gaps):0} ms");
            table.Add($"{what}: p99", $"{p99:0} ms", "at most 300 ms", p99 <= Goal);
        }
    }
}
