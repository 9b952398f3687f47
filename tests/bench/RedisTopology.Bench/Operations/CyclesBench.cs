using RedisTopology.Bench.Report;
using RedisTopology.Testing.Load;

namespace RedisTopology.Bench.Operations;

/// <summary>What clients of one sidecar see while masters are lost and come back, again and again.</summary>
internal static class CyclesBench
{
    private const int NodeTimeout = 2000;
    private static readonly TimeSpan Goal = TimeSpan.FromSeconds(1);

    public static async Task RunAsync(int count, CancellationToken cancel)
    {
        var table = new ResultTable($"cycles. Masters lost and back, seen through one sidecar, 3x1, node timeout {NodeTimeout / 1000} s, {count} of each kind");
        foreach (var (what, loss) in new[] { ("kill -9", MasterLoss.Killed), ("SIGSTOP", MasterLoss.Frozen), ("black hole", MasterLoss.CutOff) })
            await MeasureAsync(table, what, loss, count, cancel);
        table.Note($"6 sequential writers with a reader each. The outage is the longest time any of them was without an acknowledged write; new master: from the loss until all servers left agree on one.");
        table.Note($"Losses are possible here: replication is asynchronous. They are counted, not promised away. Unknown: answered with the error that the command may have been executed.");
        table.Print();
    }

    private static async Task MeasureAsync(ResultTable table, string what, MasterLoss loss, int count, CancellationToken cancel)
    {
        await using var cycles = await MasterLossCycles.StartAsync(NodeTimeout, ct: cancel);
        var outages = new List<MasterOutage>();
        for (var i = 0; i < count; i++)
        {
            outages.Add(await cycles.RunAsync(loss, cancel));
            Progress.Say($"{what} {i + 1}: new master after {outages[^1].Reformed.TotalMilliseconds:0} ms, writes {outages[^1].AfterReformed.TotalMilliseconds:0} ms later, outage {outages[^1].Outage.TotalMilliseconds:0} ms");
        }

        var report = await cycles.StopAsync(cancel);
        Progress.Say($"{what}: {report}");
        var after = outages.Max(o => o.AfterReformed);
        table.Add($"{what}: outage, median and longest", $"{Statistics.Median(outages.Select(o => o.Outage.TotalSeconds)):0.0} s, {outages.Max(o => o.Outage.TotalSeconds):0.0} s");
        table.Add($"{what}: new master, median and latest", $"{Statistics.Median(outages.Select(o => o.Reformed.TotalSeconds)):0.0} s, {outages.Max(o => o.Reformed.TotalSeconds):0.0} s");
        table.Add($"{what}: writes flow after that, median", $"{Statistics.Median(outages.Select(o => o.AfterReformed.TotalMilliseconds)):0} ms");
        table.Add($"{what}: writes flow after that, latest", $"{after.TotalMilliseconds:0} ms", "at most 1 s", after <= Goal);
        table.Add($"{what}: clients never answered", $"{report.Late}", "0", report.Late == 0);
        table.Add($"{what}: replies that were wrong", $"{report.Doubled + report.Errors}", "0", report.Doubled + report.Errors == 0);
        table.Add($"{what}: acknowledged writes lost, of all; unknown", $"{report.Lost} of {report.Written}; {report.Maybe}");
        table.Add($"{what}: reads that missed an acknowledged write", $"{report.Stale + report.FalseNils} of {report.Reads}");
    }
}
