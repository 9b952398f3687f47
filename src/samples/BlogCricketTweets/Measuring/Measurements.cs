using RedisTopology.Client;

namespace BlogCricketTweets.Measuring;

/// <summary>What the page shows: reads with the cache and without it, side by side.</summary>
internal sealed class Measurements(ICacheCluster cache, TimeProvider time)
{
    private readonly Dictionary<string, (Latencies Cached, Latencies Direct)> _stories = new() { ["blog"] = (new(), new()), ["score"] = (new(), new()), ["timeline"] = (new(), new()) };

    /// <summary>Reads as many readers would at once, and measures each.</summary>
    public async Task<T?> ReadAsync<T>(string story, int readers, bool cached, Func<int, ValueTask<T?>> read)
    {
        var into = cached ? _stories[story].Cached : _stories[story].Direct;
        var all = await Task.WhenAll(Enumerable.Range(0, Math.Clamp(readers, 1, 5000)).Select(async i =>
        {
            var began = time.GetTimestamp();
            var value = await read(i).ConfigureAwait(false);
            into.Add(time.GetElapsedTime(began));
            return value;
        })).ConfigureAwait(false);
        return all[^1];
    }

    public IReadOnlyDictionary<string, StoryReport> Report() => _stories.ToDictionary(s => s.Key, s =>
    {
        var counters = cache.CountersOf(s.Key);
        var direct = s.Value.Direct.Report(0);
        return new StoryReport(counters.Hits, counters.Misses, s.Value.Cached.Report(counters.OriginCalls), direct with { OriginCalls = direct.Reads });
    });
}
