using System.Diagnostics;
using BlogCricketTweets.Data;
using BlogCricketTweets.Measuring;
using RedisTopology.Client;
using RedisTopology.Population;

namespace BlogCricketTweets.Stories;

/// <summary>A celebrity's tweet: pushed into every follower's timeline before the phones ring, so that the rush finds it in the cache.</summary>
internal static class TweetStory
{
    public static void MapTweets(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/tweet/post", async (bool push, ICacheCluster cache, Database db, TimeProvider time, CancellationToken ct) =>
        {
            var tweet = await db.TweetAsync($"It is {time.GetUtcNow():HH:mm:ss} and all is well.", ct);
            if (!push)
            {
                // As one would without a push: the old timelines go, and each follower loads his own.
                await Parallel.ForEachAsync(Enumerable.Range(1, Database.Followers), ct, async (follower, token) => await cache.RemoveAsync($"timeline:{follower}", token));
                return new Done($"Tweet {tweet.Id} is out, and nobody has it: the followers will load it");
            }

            var began = Stopwatch.GetTimestamp();
            var pushed = await cache.PushAsync(Timelines(tweet), new() { Mode = PushMode.Set, Ttl = TimeSpan.FromMinutes(30) }, cancellationToken: ct);
            return new Done($"Tweet {tweet.Id} is in {pushed.Stored} timelines after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms, {pushed.Failed} failed");
        });
        app.MapPost("/api/tweet/read", async (int readers, bool cached, int? page, ICacheCluster cache, Database db, Measurements measure) =>
        {
            var first = page is { } given ? (given - 1) * readers : Random.Shared.Next(Database.Followers);
            var tweet = await measure.ReadAsync("timeline", readers, cached, async i =>
            {
                var follower = 1 + ((first + i) % Database.Followers);
                return cached
                    ? await cache.GetOrLoadAsync<Tweet>($"timeline:{follower}", ct => new(db.FindTimelineAsync(follower, ct)), "timeline")
                    : await db.FindTimelineAsync(follower, CancellationToken.None);
            });
            return new Done($"{tweet!.Author}: {tweet.Text}");
        });
    }

    private static async IAsyncEnumerable<Entry<Tweet>> Timelines(Tweet tweet)
    {
        for (var follower = 1; follower <= Database.Followers; follower++)
            yield return new($"timeline:{follower}", tweet);
        await Task.CompletedTask;
    }
}
