using System.Diagnostics;
using System.Globalization;
using Prometheus;
using RedisTopology.Bench.Report;
using RedisTopology.Core.Topology;
using RedisTopology.Kubernetes;
using RedisTopology.Operator;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Slots;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Reshard;

/// <summary>How fast slots move, and what clients of the source feel of it, against <c>redis-cli --cluster reshard</c>; and the engines' own migrations against key by key.</summary>
internal static class ReshardBench
{
    private const int Slots = 1024;
    private const int Keys = 200_000;
    private const int Small = 100;
    private const int Large = 1000;

    private static readonly SlotSet Moved = SlotSet.Of(new SlotRange(0, Slots - 1));

    public static async Task RunAsync(BenchOptions options, CancellationToken cancel)
    {
        var table = new ResultTable("Moving slots");
        await AgainstRedisCliAsync("redis-server", Small, table, options, cancel);
        await AgainstRedisCliAsync("redis-server", Large, table, options, cancel);
        if (Engines.Valkey9 is { } valkey)
            await AgainstRedisCliAsync(valkey, Small, table, options, cancel);
        foreach (var (engine, way) in new[] { (Engines.Valkey9, SlotMigration.FromSource), (Engines.Redis8, SlotMigration.ToTarget) })
        {
            if (engine is null)
                table.Note($"No server that can {way}: tests/scripts/engines.sh could not bring it.");
            else
                await AtomicAsync(engine, way, table, options, cancel);
        }

        table.Note($"{Keys} keys with values of {Small} bytes, where no other size is named, in {Slots} slots; three masters on loopback, which share the cores with mover and probe. Medians of {options.Runs} runs each, in turn, both directions, after one of each that does not count.");
        table.Note($"Latency: a client that asks the source for one key about 1,000 times a second. Idle means without any move.");
        table.Print();
    }

    private static async Task AgainstRedisCliAsync(string binary, int valueSize, ResultTable table, BenchOptions options, CancellationToken cancel)
    {
        await using var cluster = await ReshardCluster.StartAsync(binary, cancel);
        await cluster.FillAsync(Slots, Keys, valueSize, cancel);
        var version = await VersionAsync(cluster) + (valueSize == Small ? "" : $", {valueSize} bytes");
        var (cli, ours, from) = (new List<ReshardRun>(), new List<ReshardRun>(), 0);
        for (var i = -2; i < options.Runs * 2; i++)
        {
            // a b b a: each is first as often as second, and goes each way as often. One of each goes before and does not count.
            var oursNow = ((i + 4) % 4) is 1 or 2;
            var run = await MeasureAsync(cluster, from, () => oursNow ? MoveAsync(cluster, from, 1 - from, SlotMigration.Keys, cancel) : RedisCliAsync(cluster, from, 1 - from, cancel));
            if (i >= 0)
                (oursNow ? ours : cli).Add(run);
            Progress.Say($"{version} {(oursNow ? "operator" : "redis-cli")}: {run.Seconds:0.00} s, {run.KeysPerSecond:0} keys/s, p50 {run.P50:0.00} p99 {run.P99:0.00} max {run.Max:0.0} ms");
            from = 1 - from;
        }

        var idle = await MeasureAsync(cluster, from, () => Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, cancel));
        var speed = Median(ours, r => r.KeysPerSecond) / Median(cli, r => r.KeysPerSecond);
        var (oursP99, cliP99) = (Median(ours, r => r.P99), Median(cli, r => r.P99));
        Row(table, $"{version}, redis-cli --cluster reshard", cli);
        Row(table, $"{version}, key by key", ours);
        table.Add($"{version}, speed against redis-cli", $"{speed:0.0} times", ">= 2 times", speed >= 2);
        table.Add($"{version}, p99 of the source against redis-cli's", $"{oursP99:0.00} ms to {cliP99:0.00} ms", "not above", oursP99 <= cliP99);
        table.Add($"{version}, idle", $"p50 {idle.P50:0.00} ms, p99 {idle.P99:0.00} ms");
    }

    private static async Task AtomicAsync(string binary, SlotMigration way, ResultTable table, BenchOptions options, CancellationToken cancel)
    {
        await using var cluster = await ReshardCluster.StartAsync(binary, cancel);
        await cluster.FillAsync(Slots, Keys, Small, cancel);
        var version = await VersionAsync(cluster);
        var (byKey, atomic, from) = (new List<ReshardRun>(), new List<ReshardRun>(), 0);
        for (var i = 0; i < options.Runs * 2; i++)
        {
            var atomicNow = ((i + 4) % 4) is 1 or 2;
            var run = await MeasureAsync(cluster, from, () => MoveAsync(cluster, from, 1 - from, atomicNow ? way : SlotMigration.Keys, cancel));
            (atomicNow ? atomic : byKey).Add(run);
            Progress.Say($"{version} {(atomicNow ? way : SlotMigration.Keys)}: {run.Seconds:0.00} s, {run.KeysPerSecond:0} keys/s, p50 {run.P50:0.00} p99 {run.P99:0.00} max {run.Max:0.0} ms");
            from = 1 - from;
        }

        Row(table, $"{version}, key by key", byKey);
        Row(table, $"{version}, atomic", atomic);
        table.Add($"{version}, speed of atomic against key by key", $"{Median(atomic, r => r.KeysPerSecond) / Median(byKey, r => r.KeysPerSecond):0.0} times");
    }

    private static async Task<ReshardRun> MeasureAsync(ReshardCluster cluster, int from, Func<Task> move)
    {
        using var probe = new LatencyProbe(cluster.Nodes[from].Port, ReshardCluster.Password, ReshardCluster.StayingKey(from));
        var started = Stopwatch.GetTimestamp();
        await move();
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var latencies = probe.Stop();
        return new ReshardRun(took, Keys / took, LatencyProbe.Quantile(latencies, 0.5), LatencyProbe.Quantile(latencies, 0.99), latencies.Count == 0 ? 0 : latencies[^1]);
    }

    /// <summary>As the operator does it: slices of a second, and a look after each.</summary>
    private static async Task MoveAsync(ReshardCluster cluster, int from, int to, SlotMigration way, CancellationToken cancel)
    {
        await using var connections = new RedisConnections();
        var session = await connections.OpenAsync(new ObjectKey("bench", "bench"), ReshardCluster.Password, null, [.. cluster.Nodes.Select(n => (n.Endpoint, "c"))]);
        var servers = session.Patient(TimeSpan.FromSeconds(16));
        var move = new SlotMove(
            await cluster.RefAsync(from), await cluster.RefAsync(to), servers, TimeSpan.FromSeconds(15), new MoveProgress("a", "b"), new SlotBlocks());
        var metrics = new ClusterMetrics(Metrics.NewCustomRegistry());
        while (true)
        {
            var (source, target) = (await cluster.LookAsync(from), await cluster.LookAsync(to));
            var rest = source.Slots.Intersect(Moved);
            if (rest.IsEmpty)
                break;
            var until = TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1);
            if (way == SlotMigration.Keys)
                await new SlotMover(move, new KeyMover(move, metrics, ["bench", "bench"]), TimeProvider.System).RunAsync(rest, [.. source.OpenSlots, .. target.OpenSlots], until, cancel);
            else
                await new AtomicMover(move, way, TimeProvider.System).RunAsync(rest, DateTimeOffset.MaxValue, cancel);
        }

        await AgreeAsync(cluster, to, cancel);
    }

    private static async Task RedisCliAsync(ReshardCluster cluster, int from, int to, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("redis-cli") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])
            [
                "--no-auth-warning", "-a", ReshardCluster.Password, "--cluster", "reshard", cluster.Nodes[0].Endpoint,
                "--cluster-from", (await cluster.RefAsync(from)).Id, "--cluster-to", (await cluster.RefAsync(to)).Id,
                "--cluster-slots", Slots.ToString(CultureInfo.InvariantCulture), "--cluster-yes",
            ])
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(cancel);
        var output = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"redis-cli failed: {await errors} {output[Math.Max(0, output.Length - 500)..]}");
        await AgreeAsync(cluster, to, cancel);
    }

    private static async Task AgreeAsync(ReshardCluster cluster, int owner, CancellationToken cancel)
    {
        var id = (await cluster.RefAsync(owner)).Id;
        for (var i = 0; i < 3; i++)
        {
            await Eventually.ThatAsync(
                () => cluster.LookAsync(i),
                seen => (seen.Id == id ? seen.Slots : seen.Peer(id)!.Slots).Intersect(Moved).Equals(Moved) && seen.OpenSlots.IsEmpty,
                TimeSpan.FromSeconds(30),
                ct: cancel);
        }
    }

    private static async Task<string> VersionAsync(ReshardCluster cluster)
    {
        var info = ((string)(await cluster.Nodes[0].ExecuteAsync("INFO", "server"))!).Split("\r\n");
        return info.FirstOrDefault(l => l.StartsWith("valkey_version:", StringComparison.Ordinal)) is { } valkey
            ? $"Valkey {valkey["valkey_version:".Length..]}"
            : $"Redis {info.First(l => l.StartsWith("redis_version:", StringComparison.Ordinal))["redis_version:".Length..]}";
    }

    private static double Median(List<ReshardRun> runs, Func<ReshardRun, double> of) => Statistics.Median(runs.Select(of));

    private static void Row(ResultTable table, string what, List<ReshardRun> runs) => table.Add(
        what, $"{Median(runs, r => r.KeysPerSecond):#,0} keys/s; source p50 {Median(runs, r => r.P50):0.00} ms, p99 {Median(runs, r => r.P99):0.00} ms, worst {Median(runs, r => r.Max):0.0} ms");
}
