using System.Collections.Concurrent;

namespace RedisTopology.Testing.Load;

/// <summary>
/// What a good cluster client does, and no more, so that what is measured is the cluster's: follows MOVED and ASK, asks again for the slots when a server is
/// gone or says that it cannot, and keeps count of attempts whose reply was lost. One command at a time.
/// </summary>
internal sealed class ClusterSession(SlotMap map, Func<string?> password, ClusterLoadOptions options, ConcurrentDictionary<string, int> troubles, CancellationToken abandoned) : IDisposable
{
    private static readonly TimeSpan Dial = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private readonly Dictionary<string, RespConnection> _connections = [];

    /// <summary>Carries out a command on a key of this slot.</summary>
    /// <exception cref="LoadDeadlineException">Not within the deadline.</exception>
    /// <exception cref="OperationCanceledException">The load was abandoned.</exception>
    /// <exception cref="RespErrorException">An error that no retry mends.</exception>
    public async Task<Answer> ExecuteAsync(int slot, string[] command)
    {
        var began = TimeProvider.System.GetTimestamp();
        var (maybe, redirections, last) = (0, 0, "the slot has no owner");
        string? ask = null;
        while (TimeProvider.System.GetElapsedTime(began) < options.Deadline)
        {
            var endpoint = ask ?? map.Owner(slot);
            var asking = ask is not null;
            ask = null;
            var sent = false;
            RespError error;
            try
            {
                if (endpoint is null)
                    throw new IOException("no owner");
                var connection = await ConnectAsync(endpoint);
                sent = true;
                var reply = await connection.CallAsync(asking ? [["ASKING"], command] : [command], options.ReplyTimeout, abandoned);
                if (reply is not RespError refusal)
                    return new Answer(reply, maybe);
                error = refusal;
            }
            catch (IOException e)
            {
                maybe += sent ? 1 : 0;
                last = $"{endpoint}: {e.Message}";
                Count(sent ? "reply lost" : "no connection");
                if (endpoint is not null && _connections.Remove(endpoint, out var broken))
                    broken.Dispose();
                await LookAgainAsync(endpoint);
                continue;
            }

            last = $"{endpoint}: {error.Message}";
            Count(error.Kind);
            switch (error.Kind)
            {
                case "MOVED":
                    map.Moved(slot, error.Message.Split(' ')[2]);
                    if (++redirections % 3 == 0)
                        await Task.Delay(Pause, TimeProvider.System, abandoned);
                    break;
                case "ASK":
                    ask = error.Message.Split(' ')[2];
                    break;
                case "TRYAGAIN":
                    await Task.Delay(Pause, TimeProvider.System, abandoned);
                    break;
                case "CLUSTERDOWN" or "LOADING" or "READONLY" or "MASTERDOWN" or "NOREPLICAS":
                    await LookAgainAsync(endpoint);
                    break;
                case "ERR" when error.Message.Contains("may have been executed", StringComparison.Ordinal):
                    // The sidecar's word for a reply that was lost.
                    maybe++;
                    break;
                default:
                    throw new RespErrorException(error.Message);
            }
        }

        throw new LoadDeadlineException($"{string.Join(' ', command.Take(2))} was not answered within {options.Deadline.TotalSeconds:0} s; last: {last}", maybe);
    }

    public void Dispose()
    {
        foreach (var connection in _connections.Values)
            connection.Dispose();
    }

    private async Task<RespConnection> ConnectAsync(string endpoint)
    {
        if (!_connections.TryGetValue(endpoint, out var connection))
            _connections[endpoint] = connection = await RespConnection.OpenAsync(endpoint, password(), Dial, abandoned, options.Tls);
        return connection;
    }

    private async Task LookAgainAsync(string? avoid)
    {
        await Task.Delay(Pause, TimeProvider.System, abandoned);
        await map.RefreshAsync(avoid, abandoned);
    }

    private void Count(string trouble) => troubles.AddOrUpdate(trouble, 1, (_, n) => n + 1);
}
