using System.Diagnostics;
using System.Globalization;
using System.Text;
using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Sidecar;

/// <summary>
/// Commands at a fixed rate, whatever the answers take. redis-benchmark sends the next command when the last is answered: a faster proxy has more asked of it, and of the cores it shares
/// with servers and load, until one of them is full; its slowest replies tell how full. Here all get the same to do, and a command's time runs from the moment it was due.
/// </summary>
internal sealed class PacedLoad : IDisposable
{
    private readonly LoadRow _row;
    private readonly RespSocket[] _connections;
    private readonly Native.Awaited[] _awaited;
    private readonly Queue<int> _free = new();
    private readonly long[] _due;
    private readonly int[] _have;
    private readonly long[] _took;
    private readonly double _apart;
    private readonly byte[] _request, _reply = new byte[256 * 1024];
    private readonly int _keyAt, _replyLength;
    private readonly Random _random = new(1);
    private long _start;
    private int _sent, _answered;

    private PacedLoad(LoadRow row, int port, int rate, double seconds)
    {
        _row = row;
        _connections = [.. Enumerable.Range(0, row.Clients).Select(_ => RespSocket.Connect(port))];
        _awaited = [.. _connections.Select(c => new Native.Awaited { Descriptor = (int)c.Socket.Handle, Events = Native.Readable })];
        for (var i = 0; i < row.Clients; i++)
            _free.Enqueue(i);
        (_due, _have, _took) = (new long[row.Clients], new int[row.Clients], new long[(int)(rate * seconds)]);
        _apart = (double)Stopwatch.Frequency / rate;
        var key = "key:" + new string('0', 12) + row.KeyEnd;
        _request = row.Kind == LoadKind.Set ? RespSocket.Encode("SET", key, new string('x', row.ValueSize)) : RespSocket.Encode("GET", key);
        _keyAt = Encoding.Latin1.GetString(_request).IndexOf("key:", StringComparison.Ordinal) + 4;
        _replyLength = row.Kind == LoadKind.Set ? "+OK\r\n".Length : string.Create(CultureInfo.InvariantCulture, $"${row.ValueSize}\r\n").Length + row.ValueSize + 2;
    }

    /// <summary>Sends GET or SET, each on a connection that owes no reply, for so long.</summary>
    public static async Task<LoadResult> RunAsync(LoadRow row, int port, int rate, double seconds, int priority)
    {
        using var load = new PacedLoad(row, port, rate, seconds);
        // A thread of its own: its priority is nobody else's.
        return await Task.Factory.StartNew(() => load.Run(priority), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }

    private LoadResult Run(int priority)
    {
        if (priority > 0)
            Native.SetPriority(0, priority);
        Native.WakeInTime();
        _start = Stopwatch.GetTimestamp();
        while (_answered < _took.Length)
        {
            SendWhatIsDue();
            var untilNext = _sent < _took.Length && _free.Count > 0 ? (long)((Due(_sent) - Stopwatch.GetTimestamp()) * 1e9 / Stopwatch.Frequency) : -1L;
            if (Native.Wait(_awaited, untilNext < 0 && _sent < _took.Length && _free.Count > 0 ? 0 : untilNext) > 0)
                ReadWhatIsThere();
        }

        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        double Milliseconds(double share) => Statistics.Percentile(_took.Select(t => (double)t), share) * 1000 / Stopwatch.Frequency;
        return new LoadResult(_took.Length / seconds, Milliseconds(0.5), Milliseconds(0.99), _took.Length);
    }

    private long Due(int number) => _start + (long)(number * _apart);

    private void SendWhatIsDue()
    {
        while (_sent < _took.Length && Due(_sent) <= Stopwatch.GetTimestamp() && _free.TryDequeue(out var connection))
        {
            _random.Next(_row.Keys).TryFormat(_request.AsSpan(_keyAt, 12), out _, "d12", CultureInfo.InvariantCulture);
            _due[connection] = Due(_sent++);
            if (_connections[connection].Socket.Send(_request) != _request.Length)
                throw new InvalidOperationException("A request was not sent as a whole");
        }
    }

    private void ReadWhatIsThere()
    {
        for (var i = 0; i < _awaited.Length; i++)
        {
            if (_awaited[i].Ready == 0)
                continue;
            var got = _connections[i].Socket.Receive(_reply);
            if (got == 0 || (_have[i] == 0 && _reply[0] is not ((byte)'$' or (byte)'+')) || (_have[i] += got) > _replyLength)
                throw new InvalidOperationException($"Answered with {Encoding.Latin1.GetString(_reply, 0, Math.Min(got, 100))}");
            if (_have[i] < _replyLength)
                continue;
            _have[i] = 0;
            _took[_answered++] = Stopwatch.GetTimestamp() - _due[i];
            _free.Enqueue(i);
        }
    }
}
