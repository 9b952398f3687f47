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
    private const double TicksPerSecond = 100;

    /// <summary>Its user and system time so far, in seconds.</summary>
    public double CpuSeconds()
    {
        // After the name in parentheses: user and system ticks are the fields 14 and 15 of the whole line.
        var fields = File.ReadAllText($"/proc/{Pid}/stat").Split(") ")[1].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Its resident memory in MiB.</summary>
    public double ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{Pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>Runs a load.</summary>
    public async Task<RunResult> RunAsync(LoadRow row, long operations, CancellationToken cancel)
    {
        var before = CpuSeconds();
        var load = await RedisBenchmark.RunAsync(row, Port, operations, cancel);
        return new RunResult(load, (CpuSeconds() - before) * 1_000_000 / load.Operations, ResidentMegabytes());
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
