using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace RedisTopology.Bench.Reshard;

/// <summary>A client of the source that asks for one key about a thousand times a second, on a thread of its own, and measures each answer.</summary>
internal sealed class LatencyProbe : IDisposable
{
    // Without spinning: the probe must not take a core from what it measures.
    private readonly ManualResetEventSlim _stop = new(initialState: false, spinCount: 0);
    private readonly List<double> _milliseconds = [];
    private readonly Thread _thread;

    public LatencyProbe(int port, string password, string key)
    {
        _thread = new Thread(() => Run(port, password, key)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stops and returns all latencies in milliseconds, ascending.</summary>
    public IReadOnlyList<double> Stop()
    {
        _stop.Set();
        _thread.Join();
        _milliseconds.Sort();
        return _milliseconds;
    }

    public static double Quantile(IReadOnlyList<double> sorted, double q) => sorted.Count == 0 ? 0 : sorted[Math.Min(sorted.Count - 1, (int)(q * sorted.Count))];

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run(int port, string password, string key)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect("127.0.0.1", port);
        var reply = new byte[4096];
        socket.Send(Encoding.ASCII.GetBytes($"*2\r\n$4\r\nAUTH\r\n${password.Length}\r\n{password}\r\n"));
        socket.Receive(reply);
        var request = Encoding.ASCII.GetBytes($"*2\r\n$3\r\nGET\r\n${key.Length}\r\n{key}\r\n");
        while (!_stop.Wait(1))
        {
            var sent = Stopwatch.GetTimestamp();
            socket.Send(request);
            socket.Receive(reply);
            _milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }
    }
}
