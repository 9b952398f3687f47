using System.Globalization;
using System.Text;
using System.Threading.RateLimiting;

namespace RedisTopology.Population;

/// <summary>Brings many values into the cache before anybody asks, without standing in the way of those who do.</summary>
/// <remarks>
/// So many entries as the window says are under way, and the source is read no faster than they are done: that bounds the memory, and a source that comes over a network is slowed
/// down. The window begins small, halves whenever others' commands have become slow, and grows by one step at a time, as TCP does it.
/// </remarks>
/// <param name="store">The cluster.</param>
/// <param name="time">The clock; null: the system's.</param>
public sealed class Pusher(IPopulationStore store, TimeProvider? time = null)
{
    private static readonly TimeSpan Watch = TimeSpan.FromMilliseconds(50);
    private const int Step = 4;

    // A push begins gently: how slow it makes others is not known before it has run for a moment.
    private const int FirstWindow = 16;

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Pushes all entries of a source.</summary>
    /// <param name="entries">The entries. One is asked for when there is room for it.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Is told how far it is; null: nobody.</param>
    /// <param name="cancellationToken">Ends it: what is under way is finished first.</param>
    /// <returns>The last progress.</returns>
    /// <exception cref="OperationCanceledException">It was ended; the last progress reported tells where to go on.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public async Task<PushProgress> PushAsync(IAsyncEnumerable<PushEntry> entries, PushOptions options, IProgress<PushProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.JitterPercent, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.JitterPercent, 50);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RatePerShard, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Window, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Ttl, TimeSpan.FromMilliseconds(1));
        var tally = new PushTally(options.Cursor);
        var underWay = new Queue<Task<PushOutcome>>();
        var limiters = new Dictionary<int, TokenBucketRateLimiter>();
        var (window, watched, reported) = (Math.Min(FirstWindow, options.Window), _time.GetTimestamp(), _time.GetTimestamp());
        try
        {
            await foreach (var entry in entries.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                if (_time.GetElapsedTime(watched) >= Watch)
                {
                    watched = _time.GetTimestamp();
                    window = Adapt(window, options);
                }

                while (underWay.Count > 0 && (underWay.Count >= window || underWay.Peek().IsCompleted))
                    tally.Count(await underWay.Dequeue().ConfigureAwait(false));
                if (entry.Invalid is null)
                    await TakeAsync(limiters, entry.Key, options, cancellationToken).ConfigureAwait(false);
                underWay.Enqueue(StoreAsync(entry, options));
                if (_time.GetElapsedTime(reported) < options.ProgressInterval)
                    continue;
                reported = _time.GetTimestamp();
                progress?.Report(tally.Progress());
            }
        }
        finally
        {
            while (underWay.TryDequeue(out var store))
                tally.Count(await store.ConfigureAwait(false));
            progress?.Report(tally.Progress());
            foreach (var limiter in limiters.Values)
                await limiter.DisposeAsync().ConfigureAwait(false);
        }

        return tally.Progress();
    }

    private static int Adapt(int window, PushOptions options)
    {
        if (options.ForegroundLatency?.Invoke() is { } latency && latency > options.ForegroundLimit)
            return Math.Max(1, window / 2);
        return Math.Min(options.Window, window + Step);
    }

    private async ValueTask TakeAsync(Dictionary<int, TokenBucketRateLimiter> limiters, ReadOnlyMemory<byte> key, PushOptions options, CancellationToken cancellationToken)
    {
        var shard = store.ShardOf(key);
        if (!limiters.TryGetValue(shard, out var limiter))
        {
            // Filled a hundred times a second: what a shard may be given at once is a hundredth of its rate.
            var burst = Math.Max(1, options.RatePerShard / 100);
            limiter = new TokenBucketRateLimiter(new()
            {
                TokenLimit = burst,
                TokensPerPeriod = burst,
                ReplenishmentPeriod = TimeSpan.FromSeconds((double)burst / options.RatePerShard),
                QueueLimit = 1,
            });
            limiters.Add(shard, limiter);
        }

        using var lease = limiter.AttemptAcquire();
        if (!lease.IsAcquired)
            (await limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    private async Task<PushOutcome> StoreAsync(PushEntry entry, PushOptions options)
    {
        if (entry.Invalid is { } reason)
            return new(PushVerdict.Failed, reason);
        var ttl = (entry.Ttl ?? options.Ttl) * (1 + (((Random.Shared.NextDouble() * 2) - 1) * options.JitterPercent / 100));
        var milliseconds = Encoding.ASCII.GetBytes(Math.Max(1, (long)ttl.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        try
        {
            var script = options.Mode == PushMode.Add ? PopulationScripts.Add : PopulationScripts.Set;
            var reply = await store.RunAsync(script, new(entry.Key), [entry.Value, milliseconds], CancellationToken.None).ConfigureAwait(false);
            return new(reply.Status == PopulationScripts.Done ? PushVerdict.Stored : PushVerdict.Skipped, null);
        }
        catch (PopulationStoreException e)
        {
            return new(PushVerdict.Failed, e.Message);
        }
    }
}
