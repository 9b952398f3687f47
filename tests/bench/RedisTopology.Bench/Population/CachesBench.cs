using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Population;

/// <summary>
/// This library beside HybridCache, FusionCache and cache-aside by hand: origin calls of a stampede over four processes, stale reads while keys are written, and what a hit takes. One cluster of three
/// masters, one origin over HTTP, one contender after another in the same run.
/// </summary>
internal static class CachesBench
{
    private const int Workers = 4;
    private const int Callers = 250;
    private const int Hits = 5000;

    public static async Task RunAsync(int stampedes, TimeSpan race, CancellationToken cancel)
    {
        await using var cluster = await LocalCluster.StartAsync(3, ct: cancel);
        await using var origin = await OriginServer.StartAsync();
        using var folder = TestDirectory.Create("bench-caches");
        var table = new ResultTable($"Caches before one origin: {Workers} processes, {Workers * Callers} callers of one key {stampedes} times, {race.TotalSeconds:0} s of reads while each process writes");
        foreach (var name in Contender.Names)
        {
            Progress.Say($"{name}");
            var shared = folder[$"{Guid.NewGuid():N}"];
            origin.Delay = () => TimeSpan.Zero;
            var workers = await Task.WhenAll(Enumerable.Range(0, Workers).Select(i => WorkerProcess.StartAsync(name, cluster.Seeds, origin.Url, shared, i, Workers)));
            try
            {
                await MeasureAsync(table, name, workers, origin, stampedes, race);
            }
            finally
            {
                foreach (var worker in workers)
                    await worker.DisposeAsync();
            }
        }

        table.Note($"A stampede: the origin takes 50 ms, all callers start within milliseconds. A stale read began after a write was acknowledged and ended with what was there before; the origin takes 0 to 20 ms between looking and answering.");
        table.Note($"HybridCache has no channel between processes: with its first level the others serve what they have until it expires, as its documentation says. Reads and writes of a contender that serves from the process are far more than of one that asks Redis, so compare the rates.");
        table.Print();
    }

    private static async Task MeasureAsync(ResultTable table, string name, WorkerProcess[] workers, OriginServer origin, int stampedes, TimeSpan race)
    {
        origin.Delay = () => TimeSpan.FromMilliseconds(50);
        var calls = new List<double>();
        for (var i = 0; i < stampedes; i++)
        {
            var before = origin.Reads;
            await Task.WhenAll(workers.Select(w => w.DoAsync($"stampede stampede:{name.GetHashCode(StringComparison.Ordinal)}:{i} {Callers}")));
            calls.Add(origin.Reads - before);
        }

        origin.Delay = () => TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * 20);
        var races = await Task.WhenAll(workers.Select(w => w.DoAsync($"race race:{name.GetHashCode(StringComparison.Ordinal)} {race.TotalMilliseconds:0}")));
        var (reads, stale, writes) = (races.Sum(r => r.Reads), races.Sum(r => r.Stale), races.Sum(r => r.Writes));
        var hits = await workers[0].DoAsync($"hits stampede:{name.GetHashCode(StringComparison.Ordinal)}:0 {Hits}");
        var isOurs = name.StartsWith("this library", StringComparison.Ordinal);
        if (isOurs)
        {
            table.Add($"{name}: origin calls per stampede", $"median {Statistics.Median(calls):0}, most {calls.Max():0}", "1", calls.Max() <= 1);
            table.Add($"{name}: stale per million reads", $"{1e6 * stale / reads:0} ({stale} of {reads:n0}, {writes:n0} writes)", "0", stale == 0);
        }
        else
        {
            table.Add($"{name}: origin calls per stampede", $"median {Statistics.Median(calls):0}, most {calls.Max():0}");
            table.Add($"{name}: stale per million reads", $"{1e6 * stale / reads:0} ({stale} of {reads:n0}, {writes:n0} writes)");
        }

        table.Add($"{name}: a hit", $"p50 {hits.P50:0} µs, p99 {hits.P99:0} µs");
    }
}
