using System.Text.Json;
using BlogCricketTweets.Data;

namespace BlogCricketTweets.Origins;

/// <summary>The database over HTTP, for the sidecar: GET answers 200 with the value or 404; PUT writes it once per Idempotency-Key.</summary>
internal static class OriginEndpoints
{
    public static void MapOrigins(this IEndpointRouteBuilder app)
    {
        var origins = app.MapGroup("/origin");
        origins.MapGet("/posts/{id:int}", async (int id, Database db, CancellationToken ct) => await db.FindBlogAsync(id, ct) is { } blog ? Results.Ok(blog) : Results.NotFound());
        origins.MapGet("/scores/{id:int}", async (int id, Database db, CancellationToken ct) => await db.FindScoreAsync(id, ct) is { } score ? Results.Ok(score) : Results.NotFound());
        origins.MapPut("/scores/{id:int}", async (int id, HttpRequest request, Database db, CancellationToken ct) =>
        {
            // A value of the cache has no content type: it is what the client wrote.
            if (await ReadAsync(request, ct) is not { } score || score.Id != id)
                return Results.BadRequest($"not a score of match {id}");
            await db.SaveScoreAsync(score, request.Headers["Idempotency-Key"].FirstOrDefault() ?? Guid.NewGuid().ToString("N"), ct);
            return Results.NoContent();
        });
    }

    private static async Task<Score?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, SampleJson.Default.Score, ct);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
