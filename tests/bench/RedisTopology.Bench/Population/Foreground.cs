using System.Diagnostics;
using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Population;

/// <summary>A client of a sidecar: one connection, one GET after another.</summary>
internal sealed class Foreground : IDisposable
{
    private const int Keys = 100;

    private readonly SidecarProcess _sidecar;
    private readonly RespSocket _socket;
    private readonly byte[][] _gets;

    /// <param name="sidecar">The sidecar.</param>
    /// <param name="prefix">Begins its keys, which it writes.</param>
    public Foreground(SidecarProcess sidecar, string prefix = "read:")
    {
        (_sidecar, _socket) = (sidecar, sidecar.Connect(TimeSpan.FromSeconds(60)));
        _gets = [.. Enumerable.Range(0, Keys).Select(i => RespSocket.Encode("GET", $"{prefix}{i}"))];
        for (var i = 0; i < Keys; i++)
            _socket.Call("SET", $"{prefix}{i}", "a value as it might be");
    }

    /// <summary>The most memory the sidecar was seen to have, bytes.</summary>
    public long MostBytes { get; private set; }

    /// <summary>Reads until something is done.</summary>
    public Task<(int Reads, double P50, double P99)> ReadUntilAsync(Task done) => Task.Run(() =>
    {
        var (times, looked) = (new List<double>(), Stopwatch.GetTimestamp());
        while (!done.IsCompleted)
        {
            times.Add(ReadOne(times.Count));
            if (Stopwatch.GetElapsedTime(looked).TotalMilliseconds < 100)
                continue;
            looked = Stopwatch.GetTimestamp();
            MostBytes = Math.Max(MostBytes, _sidecar.ResidentBytes());
        }

        return (times.Count, Statistics.Percentile(times, 0.5), Statistics.Percentile(times, 0.99));
    });

    /// <summary>Reads so many times.</summary>
    /// <returns>Their times, microseconds.</returns>
    public IEnumerable<double> Read(int count) => Enumerable.Range(0, count).Select(ReadOne).ToList();

    public void Dispose() => _socket.Dispose();

    private double ReadOne(int turn)
    {
        var began = Stopwatch.GetTimestamp();
        _socket.Send(_gets[turn % Keys]);
        _socket.ReadFrame();
        return Stopwatch.GetElapsedTime(began).TotalMicroseconds;
    }
}
