using System.Globalization;
using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Population;

/// <summary>Ten thousand misses of one key at once, over four sidecar processes, again and again: how often the origin is asked.</summary>
internal static class StampedeBench
{
    private const int Sidecars = 4, Connections = 50, Pipelined = 50;

    public static async Task RunAsync(int rounds, CancellationToken cancel)
    {
        await using var cluster = await LocalCluster.StartAsync(3, ct: cancel);
        await using var origin = await OriginServer.StartAsync();
        origin.Delay = () => TimeSpan.FromMilliseconds(50);
        string[] rules = ["population:", "- match: \"item:{id}\"", $"  lazy: {{origin: \"{origin.Url}/{{id}}\", ttl: 10m, timeout: 5s}}"];
        var sidecars = new List<SidecarProcess>();
        var clients = new List<RespSocket>();
        try
        {
            for (var i = 0; i < Sidecars; i++)
                sidecars.Add(await SidecarProcess.StartAsync(cluster.Seeds, rules, ct: cancel));
            clients.AddRange(sidecars.SelectMany(s => Enumerable.Range(0, Connections).Select(_ => s.Connect(TimeSpan.FromSeconds(60)))));
            var calls = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                var before = origin.Reads;
                var wrong = Stampede(clients, $"item:{round}");
                calls.Add(origin.Reads - before);
                if (wrong > 0)
                    throw new InvalidOperationException($"{wrong} of the readers did not get the origin's value");
            }

            var table = new ResultTable(string.Create(CultureInfo.InvariantCulture, $"Stampede: {Sidecars * Connections * Pipelined:n0} GETs of a missing key at once over {Sidecars} sidecar processes, {rounds} rounds"));
            table.Add("origin calls per stampede", $"median {Statistics.Median(calls):0}, most {calls.Max():0}", "1", calls.Max() <= 1);
            table.Note($"{Connections} connections to each sidecar with {Pipelined} GETs each; the origin takes 50 ms; every reader got the origin's value. The sidecar: {Path.GetFileName(sidecars[0].Program)}.");
            table.Print();
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
            foreach (var sidecar in sidecars)
                await sidecar.DisposeAsync();
        }
    }

    /// <returns>How many did not get the value.</returns>
    private static int Stampede(List<RespSocket> clients, string key)
    {
        var frames = Enumerable.Repeat(RespSocket.Encode("GET", key), Pipelined).SelectMany(f => f).ToArray();
        clients.ForEach(c => c.Send(frames));
        return clients.Sum(c => Enumerable.Range(0, Pipelined).Count(_ => !c.ReadFrame().AsSpan().SequenceEqual("$1\r\n0\r\n"u8)));
    }
}
