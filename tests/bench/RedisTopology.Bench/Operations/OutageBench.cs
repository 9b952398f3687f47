using RedisTopology.Bench.Report;

namespace RedisTopology.Bench.Operations;

/// <summary>How long writers of a shard wait when its master is lost without a word.</summary>
internal static class OutageBench
{
    private const double NodeTimeout = 5000;
    private const double Goal = NodeTimeout + 2500;

    public static async Task RunAsync(int count, CancellationToken cancel)
    {
        await using var running = await LoadedCluster.StartAsync("outage", "5s", cancel);
        var table = new ResultTable($"outage. Time without writes when a master is lost, 3x1, node timeout 5 s, {count} of each kind");
        var (kubelet, ns) = (running.Kubelet, running.Cluster.Namespace);
        await MeasureAsync("kill -9", pod => Do(() => kubelet.Kill(pod)), _ => Task.CompletedTask);
        await MeasureAsync("SIGSTOP", pod => Do(() => kubelet.Freeze(pod)), pod => Do(() => kubelet.Resume(pod)));
        await MeasureAsync("black hole", pod => kubelet.PartitionAsync(pod, cancel), pod => kubelet.HealAsync(pod, cancel));
        var report = await running.Load.StopAsync();
        table.Add("acknowledged writes lost, of all of them", $"{report.Lost} of {report.Written}");
        table.Note($"The longest time any of 6 sequential writers was without an acknowledged write. The client gives up a silent connection after 0.5 s and asks other servers for the slots.");
        table.Note($"Losses are possible here: replication is asynchronous. They are counted, not promised away.");
        table.Print();

        async Task MeasureAsync(string what, Func<string, Task> inflict, Func<string, Task> mend)
        {
            var gaps = new List<double>();
            for (var i = 0; i < count; i++)
            {
                var shard = i % running.Cluster.Shape.Shards;
                var (master, replica) = LoadedCluster.Roles(await running.Cluster.StatusAsync(cancel), shard);
                gaps.Add(await running.GapAsync(
                    async () =>
                    {
                        await inflict($"{ns}/{master}");
                        await running.Cluster.UntilAsync(s => s.Shards![shard].Master == replica, cancel);
                        await mend($"{ns}/{master}");
                    },
                    s => s.Shards![shard].Master == replica,
                    cancel));
                Progress.Say($"{what} {i + 1}: {gaps[^1]:0} ms");
            }

            table.Add($"{what}: median", $"{Statistics.Median(gaps) / 1000:0.0} s");
            table.Add($"{what}: longest", $"{gaps.Max() / 1000:0.0} s", "at most 7.5 s", gaps.Max() <= Goal);
        }

        static Task Do(Action action)
        {
            action();
            return Task.CompletedTask;
        }
    }
}
