using BlogCricketTweets.Data;
using BlogCricketTweets.Measuring;
using RedisTopology.Client;

namespace BlogCricketTweets.Stories;

/// <summary>A live score: written through. When a ball is acknowledged, database and cache have it, and no reader ever waits for the database.</summary>
internal static class CricketStory
{
    private const int Match = 1;

    public static void MapCricket(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/cricket/read", async (int readers, bool cached, ICacheCluster cache, Database db, Measurements measure) =>
        {
            var score = await measure.ReadAsync("score", readers, cached, async _ => cached
                ? await cache.GetOrLoadAsync<Score>($"match:{Match}", ct => new(db.FindScoreAsync(Match, ct)), "score")
                : await db.FindScoreAsync(Match, CancellationToken.None));
            return new Done(Text(score!));
        });
        app.MapPost("/api/cricket/ball", async (int runs, bool wicket, ICacheCluster cache, Database db, CancellationToken ct) =>
        {
            var old = (await db.FindScoreAsync(Match, ct))!;
            var score = old.Wickets + (wicket ? 1 : 0) >= 10
                ? old with { Runs = 0, Wickets = 0, Balls = 0 }
                : old with { Runs = old.Runs + runs, Wickets = old.Wickets + (wicket ? 1 : 0), Balls = old.Balls + 1 };
            await cache.WriteThroughAsync($"match:{Match}", score, (request, token) => new(db.SaveScoreAsync(request.Value, request.IdempotencyKey, token)), "score", ct);
            return new Done(Text(score));
        });
    }

    private static string Text(Score score) => $"{score.Teams}: {score.Runs}/{score.Wickets} after {score.Balls / 6}.{score.Balls % 6} overs";
}
