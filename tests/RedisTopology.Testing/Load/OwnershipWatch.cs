using RedisTopology.Core.Hashing;

namespace RedisTopology.Testing.Load;

/// <summary>
/// Asks every server, over and over, which slots it holds to be its own, and measures for how long a slot had two owners or none. The servers are asked one
/// after another: what lasts no longer than two rounds may be a move seen half.
/// </summary>
public sealed class OwnershipWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, RespConnection> _connections = [];
    private readonly Func<IReadOnlyCollection<string>> _seeds;
    private readonly Func<string?> _password;
    private readonly ClientTls? _tls;
    private readonly long[] _doubleSince = new long[HashSlot.Count];
    private readonly long[] _unownedSince = new long[HashSlot.Count];
    private readonly Task _running;

    private OwnershipWatch(Func<IReadOnlyCollection<string>> seeds, Func<string?> password, ClientTls? tls)
    {
        (_seeds, _password, _tls) = (seeds, password, tls);
        _running = Task.Run(RunAsync);
    }

    /// <summary>The longest time a slot had two owners.</summary>
    public TimeSpan LongestDouble { get; private set; }

    /// <summary>The longest time a slot had none.</summary>
    public TimeSpan LongestUnowned { get; private set; }

    /// <summary>Rounds made.</summary>
    public int Rounds { get; private set; }

    /// <summary>Begins.</summary>
    /// <param name="seeds">The servers there are now, as <c>address:port</c>.</param>
    /// <param name="password">Their password, asked for at each new connection.</param>
    /// <param name="tls">How servers that speak TLS are verified; null for those that do not.</param>
    public static OwnershipWatch Start(Func<IReadOnlyCollection<string>> seeds, Func<string?> password, ClientTls? tls = null) => new(seeds, password, tls);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        foreach (var connection in _connections.Values)
            connection.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var claims = new int[HashSlot.Count];
            foreach (var endpoint in _seeds())
            {
                foreach (var (from, to) in await ClaimsAsync(endpoint))
                {
                    for (var slot = from; slot <= to; slot++)
                        claims[slot]++;
                }
            }

            var now = TimeProvider.System.GetTimestamp();
            for (var slot = 0; slot < claims.Length; slot++)
            {
                LongestDouble = Longest(LongestDouble, ref _doubleSince[slot], claims[slot] > 1, now);
                LongestUnowned = Longest(LongestUnowned, ref _unownedSince[slot], claims[slot] == 0, now);
            }

            Rounds++;
            await Task.Delay(Interval, TimeProvider.System, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static TimeSpan Longest(TimeSpan longest, ref long since, bool holds, long now)
    {
        if (!holds)
        {
            since = 0;
            return longest;
        }

        since = since == 0 ? now : since;
        var lasted = TimeProvider.System.GetElapsedTime(since, now);
        return lasted > longest ? lasted : longest;
    }

    private async Task<IEnumerable<(int From, int To)>> ClaimsAsync(string endpoint)
    {
        try
        {
            if (!_connections.TryGetValue(endpoint, out var connection))
                _connections[endpoint] = connection = await RespConnection.OpenAsync(endpoint, _password(), Patience, _stop.Token, _tls);
            if (await connection.CallAsync([["CLUSTER", "NODES"]], Patience, _stop.Token) is not string nodes)
                return [];
            var self = nodes.Split('\n').First(l => l.Contains("myself", StringComparison.Ordinal)).Split(' ');
            return self[2].Contains("master", StringComparison.Ordinal) ? self.Skip(8).Where(s => s[0] != '[').Select(Range) : [];
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            if (_connections.Remove(endpoint, out var broken))
                broken.Dispose();
            return [];
        }
    }

    private static (int From, int To) Range(string text)
    {
        var ends = text.Split('-');
        return (int.Parse(ends[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(ends[^1], System.Globalization.CultureInfo.InvariantCulture));
    }
}
