using System.Diagnostics;
using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Sidecar;

/// <summary>What a sidecar weighs, and how soon it serves.</summary>
internal static class Footprint
{
    private const int Starts = 5;
    private const int Connections = 1000;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(3);

    public static async Task MeasureAsync(SidecarWorld world, CancellationToken cancel)
    {
        var table = new ResultTable("Sidecar, start and memory");
        var starts = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await using var started = await SidecarProcess.StartAsync(world.Seeds, binary: world.Program, ct: cancel);
            starts.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        var median = Statistics.Median(starts);
        table.Add("start of the process to the first GET", $"{median:0} ms, longest {starts.Max():0} ms", "at most 150 ms", median <= 150);
        await using var sidecar = await SidecarProcess.StartAsync(world.Seeds, binary: world.Program, ct: cancel);
        var target = new LoadTarget("sidecar", sidecar.Port, sidecar.Process.Pid);
        await Task.Delay(Quiet, TimeProvider.System, cancel);
        var idle = target.ResidentMegabytes();
        table.Add("RSS, idle", $"{idle:0.0} MiB", "at most 40 MiB", idle <= 40);
        var busy = await BusyAsync(target, cancel);
        table.Add($"RSS, {Connections} busy connections", $"{busy:0.0} MiB", "at most 100 MiB", busy <= 100);
        var size = new FileInfo(world.Program).Length / 1048576.0;
        var isNative = !world.Program.EndsWith(".dll", StringComparison.Ordinal);
        table.Add("binary", $"{size:0.0} MiB{(isNative ? "" : ", without .NET")}", "image at most 40 MiB", isNative && size <= 40);
        table.Note($"Medians of {Starts} starts, looked at every 20 ms. Busy: GET and SET with pipelines of 16, the most seen.");
        table.Print();
    }

    // Connections that are gone give their memory back: it is looked at while they work.
    private static async Task<double> BusyAsync(LoadTarget target, CancellationToken cancel)
    {
        var most = 0.0;
        foreach (var kind in new[] { LoadKind.Set, LoadKind.Get })
        {
            var load = RedisBenchmark.RunAsync(new LoadRow(kind, Connections, 16, 1024), target.Port, 400_000, 0, cancel);
            while (!load.IsCompleted)
            {
                most = Math.Max(most, target.ResidentMegabytes());
                await Task.WhenAny(load, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancel));
            }

            await load;
        }

        return most;
    }
}
