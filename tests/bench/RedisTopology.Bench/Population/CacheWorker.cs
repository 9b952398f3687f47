using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using RedisTopology.Bench.Report;

namespace RedisTopology.Bench.Population;

/// <summary>One application process with a cache: carries out what stands on its standard input, a line each.</summary>
internal static class CacheWorker
{
    public static async Task RunAsync(string contender, string seeds, string originUrl, string shared, int index, int workers)
    {
        using var origin = new OriginClient(originUrl);
        using var acknowledged = new Acknowledged(shared);
        await using var cache = Contender.Open(contender, seeds, origin);
        await cache.ReadAsync($"warm:{index}");
        await Console.Out.WriteLineAsync("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var words = line.Split(' ');
            var number = words.Length > 2 ? int.Parse(words[2], CultureInfo.InvariantCulture) : 0;
            var result = words[0] switch
            {
                "stampede" => await StampedeAsync(cache, words[1], number),
                "race" => await RaceAsync(cache, acknowledged, words[1], number, index, workers),
                _ => await HitsAsync(cache, words[1], number),
            };
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(result));
        }
    }

    private static async Task<WorkerResult> StampedeAsync(IContender cache, string key, int callers)
    {
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => cache.ReadAsync(key).AsTask())));
        return new(callers, 0, 0, 0, 0);
    }

    private static async Task<WorkerResult> HitsAsync(IContender cache, string key, int count)
    {
        var times = new List<double>(count);
        for (var i = -count / 10; i < count; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await cache.ReadAsync(key);
            if (i >= 0)
                times.Add(Stopwatch.GetElapsedTime(began).TotalMicroseconds);
        }

        return new(count, 0, 0, Statistics.Percentile(times, 0.5), Statistics.Percentile(times, 0.99));
    }

    private static async Task<WorkerResult> RaceAsync(IContender cache, Acknowledged acknowledged, string prefix, int milliseconds, int index, int workers)
    {
        long reads = 0, stale = 0, writes = 0;
        var began = Stopwatch.GetTimestamp();
        bool IsOver() => Stopwatch.GetElapsedTime(began).TotalMilliseconds > milliseconds;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!IsOver())
            {
                var key = Random.Shared.Next(Acknowledged.Keys);
                var atLeast = acknowledged[key];
                if (await cache.ReadAsync($"{prefix}:{key}") < atLeast)
                    Interlocked.Increment(ref stale);
                Interlocked.Increment(ref reads);
            }
        }));
        var writer = Task.Run(async () =>
        {
            while (!IsOver())
            {
                var key = (Random.Shared.Next(Acknowledged.Keys / workers) * workers) + index;
                acknowledged[key] = await cache.WriteAsync($"{prefix}:{key}");
                writes++;
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            }
        });
        await Task.WhenAll([.. readers, writer]);
        return new(reads, stale, writes, 0, 0);
    }
}
