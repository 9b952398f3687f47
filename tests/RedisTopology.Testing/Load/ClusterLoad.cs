using System.Collections.Concurrent;
using System.Globalization;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Testing.Load;

/// <summary>
/// Writers and readers on all slots of a Redis Cluster, who know at every instant what was acknowledged, and check it: counters and sequences per key, unique
/// elements of sets and lists, and that no read ever returns less than was acknowledged before it began. Runs while something is done to the cluster.
/// </summary>
public sealed class ClusterLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abandon = new();
    private readonly ConcurrentDictionary<string, int> _troubles = new();
    private readonly LoadFindings _findings = new();
    private readonly ClusterLoadOptions _options;
    private readonly Func<string?> _password;
    private readonly SlotMap _map;
    private readonly List<LoadLane> _lanes;
    private readonly string _value;

    /// <summary>Keys of a load before this one, in the same cluster, are none of ours.</summary>
    private readonly int _run = Random.Shared.Next();
    private int _names;
    private Task? _running;
    private long _began;

    private ClusterLoad(Func<IReadOnlyCollection<string>> seeds, Func<string?> password, ClusterLoadOptions options)
    {
        (_options, _password, _map) = (options, password, new SlotMap(seeds, password, options));
        _value = new string('v', options.ValueSize);
        _lanes = [.. Enumerable.Range(0, options.Lanes).Select(i => new LoadLane(i, NewKey, NewSession, options, _findings))];
    }

    /// <summary>Writes the static keys and begins; returns when every lane has had a write acknowledged.</summary>
    /// <param name="seeds">The servers there are now, as <c>address:port</c>; asked again whenever the client looks anew.</param>
    /// <param name="password">Their password, asked for at each new connection.</param>
    /// <param name="options">How.</param>
    public static async Task<ClusterLoad> StartAsync(Func<IReadOnlyCollection<string>> seeds, Func<string?> password, ClusterLoadOptions? options = null)
    {
        var load = new ClusterLoad(seeds, password, options ?? new ClusterLoadOptions());
        try
        {
            await load.BeginAsync();
            return load;
        }
        catch
        {
            await load.DisposeAsync();
            throw;
        }
    }

    /// <summary>The longest time a lane was without an acknowledged write, of those that ended after <paramref name="since"/> (a timestamp).</summary>
    public TimeSpan LongestGap(long since) => _lanes.Max(l => l.Gap(since) ?? TimeSpan.Zero);

    /// <summary>Of the times between two acknowledged writes of a lane that began between two timestamps the longest, and the timestamp of the former write. For a load that has stopped.</summary>
    public (long Since, TimeSpan Length) LongestGap(long since, long until) =>
        _lanes.SelectMany(l => l.Gaps()).Where(g => g.Since >= since && g.Since < until).DefaultIfEmpty().MaxBy(g => g.Length);

    /// <summary>How long after <paramref name="since"/> (a timestamp) every lane has had a write acknowledged again; null when one still waits.</summary>
    public TimeSpan? Resumed(long since)
    {
        var first = _lanes.Select(l => l.Resumed(since)).ToList();
        return first.Contains(null) ? null : first.Max();
    }

    /// <summary>Stops, reads everything back and reports.</summary>
    public async Task<LoadReport> StopAsync()
    {
        await _stop.CancelAsync();
        await _running!;
        var lasted = TimeProvider.System.GetElapsedTime(_began);
        var troubles = _troubles.ToDictionary();
        await Task.WhenAll(_lanes.Select(l => l.VerifyAsync()));
        await ForEachStaticAsync(async (session, key, slot) =>
        {
            if ((await session.ExecuteAsync(slot, ["GET", key])).Value is not string text || text != key + _value)
                _findings.LoseOld($"{key}, written before, is not there");
        });
        return LoadReport.Of(_lanes, _findings, lasted, troubles);
    }

    /// <summary>Ends it at once when it was not stopped.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _abandon.CancelAsync();
        if (_running is not null)
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _abandon.Dispose();
    }

    private async Task BeginAsync()
    {
        await _map.RefreshAsync(null, CancellationToken.None);
        await ForEachStaticAsync(async (session, key, slot) => await session.ExecuteAsync(slot, ["SET", key, key + _value]));
        _troubles.Clear();
        _began = TimeProvider.System.GetTimestamp();
        _running = Task.WhenAll(_lanes.Select(l => Task.Run(() => l.RunAsync(_stop.Token))));
        await Eventually.TrueAsync(() => Task.FromResult(_lanes.All(l => l.Gap(_began) is not null)), TimeSpan.FromSeconds(30));
    }

    private async Task ForEachStaticAsync(Func<ClusterSession, string, int, Task> action)
    {
        await Task.WhenAll(Enumerable.Range(0, _options.Lanes).Select(async lane =>
        {
            using var session = NewSession();
            for (var i = lane; i < _options.StaticKeys; i += _options.Lanes)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"static:{i}");
                await action(session, key, HashSlot.Of(key));
            }
        }));
    }

    private ClusterSession NewSession() => new(_map, _password, _options, _troubles, _abandon.Token);

    private (string Name, int Slot) NewKey(Func<int, bool> wanted)
    {
        while (true)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"load:{_run:x}:{Interlocked.Increment(ref _names)}");
            if (HashSlot.Of(name) is var slot && wanted(slot))
                return (name, slot);
        }
    }
}
