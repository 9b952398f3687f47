using System.Globalization;
using RedisTopology.Bench.Report;
using Spectre.Console;

namespace RedisTopology.Bench.Sidecar;

/// <summary>Two tables: what each target did under each load, and where that leaves the sidecar beside the best of its peers.</summary>
internal sealed class SidecarReport(SidecarWorld world, SidecarBenchOptions options, string title)
{
    private readonly double _loadBefore = Machine.Load;
    private readonly Table _all = new Table().Border(TableBorder.Markdown).AddColumns("load", "through", "commands/s", "of direct", "CPU µs/op", "p50 ms", "p99 ms", "RSS MiB");
    private readonly Table _bar = new Table().Border(TableBorder.Markdown).AddColumns("load", "commands/s, of the best peer's", "CPU/op, of the best peer's", "p99, of the best peer's", "verdict");

    /// <summary>Results of all rounds, by target.</summary>
    public void Add(string load, RunResult[][] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            var runs = results[i];
            _all.AddRow(
                i == 0 ? load : "",
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
            Comparison[] all =
            [
                Comparison.WithBest(results[i], peers, r => r.Load.PerSecond, isMoreBetter: true),
                Comparison.WithBest(results[i], peers, r => r.CpuMicroseconds, isMoreBetter: false),
                Comparison.WithBest(results[i], peers, r => r.Load.P99, isMoreBetter: false),
            ];
            var verdict = Array.Exists(all, c => c.IsBehind) ? "MISSED" : Array.TrueForAll(all, c => c.IsLevel) ? "met" : "open";
            _bar.AddRow([world.Sidecars == 1 ? load : $"{load}, {world.Targets[i].Name}", .. all.Select(c => Markup.Escape(c.ToString())), verdict]);
        }
    }

    public void Print()
    {
        AnsiConsole.WriteLine();
        AnsiConsole.WriteLine($"### {title}");
        AnsiConsole.WriteLine();
        AnsiConsole.Write(_all);
        AnsiConsole.WriteLine();
        if (_bar.Rows.Count > 0)
        {
            AnsiConsole.WriteLine("Bar: at least level with the best peer, for each column the best in it. In brackets where the median of all rounds there could be lies (95 %). met: level or better, with 3 % for chance; MISSED: worse beyond doubt in one column; open: worse, and perhaps by chance.");
            AnsiConsole.WriteLine();
            AnsiConsole.Write(_bar);
            AnsiConsole.WriteLine();
        }

        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"- Medians of {options.Rounds} rounds of {options.Seconds} s in rotated order, ratios within each round. Three masters with {options.Replicas} replicas each on loopback; {(options.Threads == 0 ? "each proxy with its own default number of threads" : $"{options.Threads} threads each but nutcracker, which has one")}{(options.Priority > 0 ? $"; servers, load and the proxy under it at SCHED_RR {options.Priority}" : "")}."));
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"- Load average {_loadBefore:0.0} before, {Machine.Load:0.0} after, on {Environment.ProcessorCount} cores."));
    }

    /// <summary>The median over the rounds.</summary>
    public static double Median(RunResult[] runs, Func<RunResult, double> figure) => Statistics.Median(runs.Select(figure));

    /// <summary>The median over the rounds, each compared with its own round.</summary>
    public static double Ratio(RunResult[] runs, RunResult[] others, Func<RunResult, double> figure) => Statistics.Median(runs.Zip(others, (a, b) => figure(a) / figure(b)));

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
