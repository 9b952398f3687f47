using System.Globalization;
using RedisTopology.Bench.Report;
using Spectre.Console;

namespace RedisTopology.Bench.Sidecar;

/// <summary>Two tables: what each target did under each load, and where that leaves the sidecar beside the best of its peers.</summary>
internal sealed class SidecarReport(SidecarWorld world, SidecarBenchOptions options)
{
    private readonly double _loadBefore = Machine.Load;
    private readonly Table _all = new Table().Border(TableBorder.Markdown).AddColumns("load", "through", "commands/s", "of direct", "CPU µs/op", "p50 ms", "p99 ms", "RSS MiB");
    private readonly Table _bar = new Table().Border(TableBorder.Markdown).AddColumns("load", "commands/s, of the best peer's", "CPU/op, of the best peer's", "p99, of the best peer's", "verdict");

    /// <summary>Results of all rounds, by target.</summary>
    public void Add(LoadRow row, RunResult[][] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            var runs = results[i];
            _all.AddRow(
                i == 0 ? row.Name : "",
                world.Targets[i].Name,
                Number(Median(runs, r => r.Load.PerSecond), "0"),
                Number(Ratio(runs, results[0], r => r.Load.PerSecond), "0.00"),
                Number(Median(runs, r => r.CpuMicroseconds), "0.00"),
                Number(Median(runs, r => r.Load.P50), "0.00"),
                Number(Median(runs, r => r.Load.P99), "0.00"),
                Number(runs[^1].ResidentMegabytes, "0"));
        }

        var peers = results[(1 + world.Sidecars)..];
        if (peers.Length == 0)
            return;
        for (var i = 1; i <= world.Sidecars; i++)
        {
            var speed = peers.Min(p => Ratio(results[i], p, r => r.Load.PerSecond));
            var cpu = peers.Max(p => Ratio(results[i], p, r => r.CpuMicroseconds));
            var p99 = peers.Max(p => Ratio(results[i], p, r => r.Load.P99));

            // Medians of so few rounds on a shared machine are good for some 3 %.
            var level = speed >= 0.97 && cpu <= 1.03 && p99 <= 1.03;
            _bar.AddRow(world.Sidecars == 1 ? row.Name : $"{row.Name}, {world.Targets[i].Name}", Number(speed, "0.00"), Number(cpu, "0.00"), Number(p99, "0.00"), level ? "met" : "MISSED");
        }
    }

    public void Print()
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine("### Sidecar");
        AnsiConsole.WriteLine();
        AnsiConsole.Write(_all);
        AnsiConsole.WriteLine();
        if (_bar.Rows.Count > 0)
        {
            AnsiConsole.WriteLine("Bar: at least level with the best peer, for each column the best in it.");
            AnsiConsole.WriteLine();
            AnsiConsole.Write(_bar);
            AnsiConsole.WriteLine();
        }

        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"- Medians of {options.Rounds} rounds of {options.Seconds} s in rotated order, ratios within each round. Three masters with {options.Replicas} replicas each on loopback; {(options.Threads == 0 ? "each proxy with its own default number of threads" : $"{options.Threads} threads each but nutcracker, which has one")}."));
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"- Load average {_loadBefore:0.0} before, {Machine.Load:0.0} after, on {Environment.ProcessorCount} cores."));
    }

    /// <summary>The median over the rounds.</summary>
    public static double Median(RunResult[] runs, Func<RunResult, double> figure) => Statistics.Median(runs.Select(figure));

    /// <summary>The median over the rounds, each compared with its own round.</summary>
    public static double Ratio(RunResult[] runs, RunResult[] others, Func<RunResult, double> figure) => Statistics.Median(runs.Zip(others, (a, b) => figure(a) / figure(b)));

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
