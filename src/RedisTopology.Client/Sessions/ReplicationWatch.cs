using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>
/// Finds out when replicas have what this process wrote. While there are such keys all servers are asked for their offsets, ten times a second: where the masters are is where
/// the replicas have to get before what was written until then is let go.
/// </summary>
internal sealed class ReplicationWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly IConnectionMultiplexer _multiplexer;
    private readonly TimeProvider _time;
    private readonly Queue<(long Generation, Dictionary<string, long> Masters)> _rounds = new();
    private readonly CancellationTokenSource _stop = new();
    private int _running;
    private Task _loop = Task.CompletedTask;

    public ReplicationWatch(IConnectionMultiplexer multiplexer, TimeSpan limit, TimeProvider time)
    {
        (_multiplexer, _time) = (multiplexer, time);
        Written = new WrittenKeys(limit, time);
    }

    public WrittenKeys Written { get; }

    public void Note(RedisKey key)
    {
        Written.Add(key);
        if (Interlocked.Exchange(ref _running, 1) == 0)
            _loop = Task.Run(RunAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                while (!Written.IsEmpty)
                {
                    await RoundAsync().ConfigureAwait(false);
                    await Task.Delay(Interval, _time, _stop.Token).ConfigureAwait(false);
                }

                _rounds.Clear();
                Volatile.Write(ref _running, 0);
                // A key that came between the two looks has found a loop that was running.
                if (Written.IsEmpty || Interlocked.Exchange(ref _running, 1) == 1)
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is closed.
        }
    }

    private async Task RoundAsync()
    {
        var generation = Written.Close();
        var servers = await Task.WhenAll(_multiplexer.GetServers().Where(s => s.IsConnected).Select(AskAsync)).ConfigureAwait(false);
        var masters = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (endpoint, info) in servers)
        {
            if (info is { Master: null } master)
                masters[endpoint] = master.Offset;
        }

        _rounds.Enqueue((generation, masters));
        var released = -1L;
        while (_rounds.TryPeek(out var round) && servers.All(s => HasReached(s.Info, round.Masters)))
            released = _rounds.Dequeue().Generation;
        Written.Release(released);
    }

    // A server that did not answer may be a replica that is behind, and may be read.
    private static bool HasReached(ReplicationInfo? server, Dictionary<string, long> masters) =>
        server is { } info && (info.Master is null || (masters.TryGetValue(info.Master, out var offset) && info.Offset >= offset));

    private static async Task<(string Endpoint, ReplicationInfo? Info)> AskAsync(IServer server)
    {
        var endpoint = EndPointCollection.ToString(server.EndPoint);
        try
        {
            // As a plain command: InfoAsync wants a connection in admin mode.
            return (endpoint, ReplicationInfo.Parse((string?)await server.ExecuteAsync("INFO", "replication").ConfigureAwait(false) ?? ""));
        }
        catch (Exception e) when (StoreErrors.IsOfTheConnection(e))
        {
            return (endpoint, null);
        }
    }
}
