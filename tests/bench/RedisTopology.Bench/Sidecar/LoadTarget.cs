using System.Globalization;
using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Sidecar;

/// <summary>Something that clients connect to: a server, or a proxy before some.</summary>
/// <param name="Name">As the table calls it.</param>
/// <param name="Port">Where clients connect.</param>
/// <param name="Pid">The process they connect to.</param>
/// <param name="IsJitted">It is compiled as it runs.</param>
internal sealed record LoadTarget(string Name, int Port, int Pid, bool IsJitted = false)
{
    /// <summary>The time on a core of each of its threads so far, in nanoseconds.</summary>
    private Dictionary<string, long> CpuTimes()
    {
        Dictionary<string, long> times = [];
        foreach (var thread in Directory.GetDirectories($"/proc/{Pid}/task"))
        {
            try
            {
                times[thread] = long.Parse(File.ReadAllText($"{thread}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return times;
    }

    /// <summary>Its resident memory in MiB.</summary>
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{Pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Runs a load as fast as it goes.</summary>
    /// <param name="row">Which.</param>
    /// <param name="operations">How many commands.</param>
    /// <param name="priority">The fixed priority of the target and the load meanwhile; 0: none.</param>
    /// <param name="cancel">Ends the wait.</param>
    public Task<RunResult> RunAsync(LoadRow row, long operations, int priority, CancellationToken cancel) => RunAsync(() => RedisBenchmark.RunAsync(row, Port, operations, priority, cancel), priority);

    /// <summary>Runs a load at a given rate.</summary>
    public Task<RunResult> RunAsync(LoadRow row, int rate, double seconds, int priority) => RunAsync(() => PacedLoad.RunAsync(row, Port, rate, seconds, priority), priority);

    private async Task<RunResult> RunAsync(Func<Task<LoadResult>> run, int priority)
    {
        // Only meanwhile: what others do on the side, like looking at the topology, would take the cores from the one that is measured.
        if (priority > 0)
            Native.SetPriority(Pid, priority);
        var before = CpuTimes();
        var load = await run();
        var spent = CpuTimes().Sum(t => t.Value - before.GetValueOrDefault(t.Key));
        if (priority > 0)
            Native.SetPriority(Pid, 0);
        return new RunResult(load, spent / 1000.0 / load.Operations, ResidentMegabytes());
    }

    /// <summary>Gives every key of a load a value, through the target itself: each lays them out in its own way.</summary>
    public void Fill(LoadRow row)
    {
        using var socket = RespSocket.Connect(Port);
        var value = new string('x', row.ValueSize);
        var batch = Math.Max(1, (256 << 10) / row.ValueSize);
        for (var first = 0; first < row.Keys; first += batch)
        {
            var request = new MemoryStream();
            var last = Math.Min(first + batch, row.Keys);
            for (var i = first; i < last; i++)
                request.Write(RespSocket.Encode("SET", string.Create(CultureInfo.InvariantCulture, $"key:{i:d12}{row.KeyEnd}"), value));
            socket.Send(request.ToArray());
            for (var i = first; i < last; i++)
            {
                if (socket.ReadFrame() is not [(byte)'+', ..] and var reply)
                    throw new InvalidOperationException($"{Name} answered a SET with {Encoding.Latin1.GetString(reply)}");
            }
        }
    }
}
