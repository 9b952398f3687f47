using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Population;

/// <summary>What rules of population cost those who read: a GET of a value that is there, without rules, beside rules that do not concern it, and of a managed key.</summary>
internal static class PolicyCostBench
{
    private const int Rounds = 20, Reads = 2000;

    public static async Task RunAsync(CancellationToken cancel)
    {
        await using var cluster = await LocalCluster.StartAsync(3, ct: cancel);
        await using var origin = await OriginServer.StartAsync();
        string[] rules =
        [
            "population:",
            "- match: \"blog:{id}\"",
            $"  lazy: {{origin: \"{origin.Url}/{{id}}\", ttl: 10m}}",
            "- match: \"score:{id}\"",
            $"  writeThrough: {{origin: \"{origin.Url}/{{id}}\", ttl: 10m}}",
        ];
        await using var plain = await SidecarProcess.StartAsync(cluster.Seeds, ct: cancel);
        await using var populating = await SidecarProcess.StartAsync(cluster.Seeds, rules, ct: cancel);
        using var without = new Foreground(plain, "read:");
        using var beside = new Foreground(populating, "read:");
        using var managed = new Foreground(populating, "blog:");
        (string Name, Foreground Reader, List<double> Times)[] rows = [("no rules", without, []), ("two rules, a key that matches neither", beside, []), ("two rules, a managed key", managed, [])];
        // In turn, so that a neighbour's doing falls on all of them; the first round warms up.
        for (var round = 0; round <= Rounds; round++)
        {
            foreach (var row in rows)
            {
                var times = row.Reader.Read(Reads);
                if (round > 0)
                    row.Times.AddRange(times);
            }
        }

        var table = new ResultTable("A GET of a value that is there, with and without rules of population");
        foreach (var (name, _, times) in rows)
            table.Add(name, $"p50 {Statistics.Percentile(times, 0.5):0.0} µs, p99 {Statistics.Percentile(times, 0.99):0} µs");
        table.Note($"One connection, {Rounds * Reads:n0} reads each, in turns of {Reads:n0}. The sidecar: {Path.GetFileName(plain.Program)}.");
        table.Print();
    }
}
