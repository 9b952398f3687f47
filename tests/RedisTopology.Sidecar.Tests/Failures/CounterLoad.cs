using System.Diagnostics;
using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Failures;

/// <summary>One client that writes a rising number to each of a few keys in turn, over all shards, reads it back, and notes what a user would notice.</summary>
internal sealed class CounterLoad : IDisposable
{
    private const int Keys = 30;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly RespSocket _client;
    private readonly Thread _thread;
    private readonly List<string> _errors = [];
    private volatile bool _stop;
    private long _written;

    public CounterLoad(SidecarProcess sidecar)
    {
        _client = sidecar.Connect();
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Errors that the client was given.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Reads that were not what had just been acknowledged.</summary>
    public int Wrong { get; private set; }

    /// <summary>The longest time without an acknowledged write.</summary>
    public TimeSpan LongestGap { get; private set; }

    /// <summary>Waits until every key has been written several times more.</summary>
    public Task RunsAsync()
    {
        var goal = Volatile.Read(ref _written) + (10 * Keys);
        return Eventually.ThatAsync(() => Task.FromResult(Volatile.Read(ref _written)), w => w >= goal, Limit, describe: _ => ToString());
    }

    public void Stop()
    {
        _stop = true;
        _thread.Join();
    }

    public override string ToString()
    {
        lock (_errors)
            return string.Create(CultureInfo.InvariantCulture, $"{_written} writes, {Wrong} wrong reads, longest gap {LongestGap.TotalMilliseconds:0} ms, {_errors.Count} errors {string.Join(" | ", _errors.Take(3))}");
    }

    public void Dispose()
    {
        Stop();
        _client.Dispose();
    }

    private void Run()
    {
        try
        {
            var last = Stopwatch.GetTimestamp();
            for (var i = 0L; !_stop; i++)
            {
                var (key, value) = ($"count:{i % Keys}", i.ToString(CultureInfo.InvariantCulture));
                if (!IsGood(_client.Call("SET", key, value)))
                    continue;
                LongestGap = TimeSpan.FromTicks(Math.Max(LongestGap.Ticks, Stopwatch.GetElapsedTime(last).Ticks));
                last = Stopwatch.GetTimestamp();
                Interlocked.Increment(ref _written);
                var read = _client.Call("GET", key);
                if (IsGood(read) && read != $"${value.Length}\r\n{value}\r\n")
                    Wrong++;
            }
        }
        catch (IOException e)
        {
            Note(e.Message);
        }
    }

    private bool IsGood(string reply)
    {
        if (reply[0] == '-')
            Note(reply.TrimEnd());
        return reply[0] != '-';
    }

    private void Note(string error)
    {
        lock (_errors)
            _errors.Add(error);
    }
}
