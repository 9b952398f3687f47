using RedisTopology.Client;

namespace BlogCricketTweets.Stories;

/// <summary>The same without this library: a plain GET or SET, as redis-cli sends it, of keys that the sidecar's YAML declares.</summary>
internal static class AnyLanguageStory
{
    public static void MapAnyLanguage(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/any/get", async (int id, ICacheCluster cache) =>
        {
            var value = await cache.Database.StringGetAsync($"post:{id}");
            return new Done(value.IsNull ? "(nil): no population is declared in the sidecar before this cluster, or there is no such post" : value.ToString());
        });
    }
}
