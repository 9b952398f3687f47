using System.Globalization;
using RedisTopology.Bench.Report;

namespace RedisTopology.Bench.Sidecar;

/// <summary>The sidecar against one direct server and against the proxies written in C and C++, under the same load in alternating runs.</summary>
internal static class SidecarBench
{
    private const double WarmSeconds = 6;

    // A first run says how fast it goes; it must be long enough to be believed, and is a warm-up too.
    private const double CalibrationSeconds = 0.3;

    public static async Task RunAsync(SidecarBenchOptions options, CancellationToken cancel)
    {
        var rows = LoadRow.Choose(options.Rows);
        if (rows.Count == 0)
            throw new ArgumentException($"No load matches {options.Rows}");
        await using var world = await SidecarWorld.StartAsync(options, cancel);
        await Footprint.MeasureAsync(world, cancel);
        Progress.Say($"{rows.Count} loads x {world.Targets.Count} targets x {options.Rounds} rounds of {options.Seconds} s: about {rows.Count * world.Targets.Count * ((options.Rounds * options.Seconds) + (2 * CalibrationSeconds)) / 60:0} minutes");
        await WarmAsync(world, options, cancel);
        var report = new SidecarReport(world, options, "Sidecar");
        var (size, done) = (0, 0);
        foreach (var row in rows)
        {
            if (row.ValueSize != size)
            {
                foreach (var target in world.Targets)
                    target.Fill(row);
                size = row.ValueSize;
            }

            report.Add(row.Name, await MeasureAsync(row, world.Targets, options, $"{++done}/{rows.Count}", cancel));
        }

        report.Print();
        await PacedAsync(world, options, cancel);
        await KeyRangeAsync(world, options, cancel);
    }

    /// <summary>Latency while all are asked for the same number of commands a second.</summary>
    private static async Task PacedAsync(SidecarWorld world, SidecarBenchOptions options, CancellationToken cancel)
    {
        if (options.Rates.Count == 0)
            return;
        var report = new SidecarReport(world, options, "Sidecar, at the same rate");
        foreach (var row in new LoadRow[] { new(LoadKind.Get, 50, 1, 64), new(LoadKind.Set, 50, 1, 64) })
        {
            foreach (var target in world.Targets)
                target.Fill(row);
            foreach (var rate in options.Rates)
            {
                var results = world.Targets.Select(_ => new RunResult[options.Rounds]).ToArray();
                for (var round = 0; round < options.Rounds; round++)
                {
                    for (var i = 0; i < results.Length; i++)
                    {
                        cancel.ThrowIfCancellationRequested();
                        var target = (i + round) % results.Length;
                        results[target][round] = await world.Targets[target].RunAsync(row, rate, options.Seconds, options.Priority);
                    }
                }

                Progress.Say($"{row.Name}, {rate}/s");
                report.Add(string.Create(CultureInfo.InvariantCulture, $"{row.Name}, {rate}/s"), results);
            }
        }

        report.Print();
    }

    /// <summary>The same sidecar with key patterns, before the same servers: what the rewriting of keys costs.</summary>
    private static async Task KeyRangeAsync(SidecarWorld world, SidecarBenchOptions options, CancellationToken cancel)
    {
        LoadRow[] rows = [new(LoadKind.Get, 50, 1, 64), new(LoadKind.Set, 50, 1, 64), new(LoadKind.Get, 50, 16, 64), new(LoadKind.Set, 50, 16, 64), new(LoadKind.Mget, 50, 1, 64), new(LoadKind.Set, 50, 1, 65536)];
        LoadTarget[] targets = [world.Targets[1], world.KeyRange];
        var table = new ResultTable("Sidecar, KeyRange against HashSlot: every key gets a tag");
        foreach (var row in rows)
        {
            foreach (var target in targets)
                target.Fill(row);
            var results = await MeasureAsync(row, targets, options, "KeyRange", cancel);
            var (cpu, speed) = (SidecarReport.Ratio(results[1], results[0], r => r.CpuMicroseconds), SidecarReport.Ratio(results[1], results[0], r => r.Load.PerSecond));
            table.Add(row.Name, $"CPU/op {cpu:0.00} of HashSlot's ({SidecarReport.Median(results[1], r => r.CpuMicroseconds):0.00} to {SidecarReport.Median(results[0], r => r.CpuMicroseconds):0.00} µs), commands/s {speed:0.00}", "CPU/op at most 1.05", cpu <= 1.05);
        }

        table.Print();
    }

    /// <summary>Results of all rounds, by target.</summary>
    private static async Task<RunResult[][]> MeasureAsync(LoadRow row, IReadOnlyList<LoadTarget> targets, SidecarBenchOptions options, string place, CancellationToken cancel)
    {
        var operations = new long[targets.Count];
        for (var i = 0; i < targets.Count; i++)
            operations[i] = await CalibrateAsync(row, targets[i], options.Seconds, options.Priority, cancel);
        var results = targets.Select(_ => new RunResult[options.Rounds]).ToArray();
        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < targets.Count; i++)
            {
                var target = (i + round) % targets.Count;
                results[target][round] = await targets[target].RunAsync(row, operations[target], options.Priority, cancel);
            }

            var line = string.Join(", ", targets.Select((t, i) => string.Create(CultureInfo.InvariantCulture, $"{t.Name} {results[i][round].Load.PerSecond / 1000:0.0}k/s {results[i][round].CpuMicroseconds:0.00} µs")));
            Progress.Say($"{place} {row.Name}, round {round + 1}: {line}");
        }

        return results;
    }

    /// <summary>How many commands take so long.</summary>
    private static async Task<long> CalibrateAsync(LoadRow row, LoadTarget target, double seconds, int priority, CancellationToken cancel)
    {
        var least = 5L * row.Clients * row.Pipeline;
        for (var operations = Math.Max(least, 1000); ; operations *= 5)
        {
            var result = await target.RunAsync(row, operations, priority, cancel);
            if (operations / result.Load.PerSecond >= CalibrationSeconds)
                return Math.Max(least, (long)(result.Load.PerSecond * seconds));
        }
    }

    /// <summary>What is compiled as it runs gets its time before anything counts; a native binary needs none.</summary>
    private static async Task WarmAsync(SidecarWorld world, SidecarBenchOptions options, CancellationToken cancel)
    {
        foreach (var target in world.Targets.Skip(1).Take(world.Sidecars).Append(world.KeyRange).Where(t => t.IsJitted))
        {
            Progress.Say($"warming {target.Name}");
            foreach (var (kind, pipeline) in new[] { (LoadKind.Set, 1), (LoadKind.Get, 1), (LoadKind.Set, 16), (LoadKind.Get, 16), (LoadKind.Mget, 1) })
            {
                var row = new LoadRow(kind, 50, pipeline, 64);
                await target.RunAsync(row, await CalibrateAsync(row, target, WarmSeconds, options.Priority, cancel), options.Priority, cancel);
            }
        }
    }
}
