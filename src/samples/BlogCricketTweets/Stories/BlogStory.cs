using BlogCricketTweets.Data;
using BlogCricketTweets.Measuring;
using RedisTopology.Client;

namespace BlogCricketTweets.Stories;

/// <summary>Blog posts: lazily. Whoever asks first causes the one call of the database, and whoever asks meanwhile waits for it.</summary>
internal static class BlogStory
{
    public static void MapBlog(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/blog/read", async (int id, int readers, bool cached, ICacheCluster cache, Database db, Measurements measure) =>
        {
            var blog = await measure.ReadAsync("blog", readers, cached, async _ => cached
                ? await cache.GetOrLoadAsync<Blog>($"blog:{id}", ct => new(db.FindBlogAsync(id, ct)), "blog")
                : await db.FindBlogAsync(id, CancellationToken.None));
            return new Done(blog is null ? $"There is no post {id}" : $"{blog.Title}: {blog.Body}");
        });
        // Changed by other ways than write-through: first the database, then the cache is told. A load that is under way is not stored any more.
        app.MapPost("/api/blog/edit", async (int id, ICacheCluster cache, Database db, TimeProvider time, CancellationToken ct) =>
        {
            await db.EditBlogAsync(id, $"Edited at {time.GetUtcNow():HH:mm:ss.fff}.", ct);
            await cache.RemoveAsync($"blog:{id}", ct);
            return new Done($"Post {id} is edited and out of the cache: the next reader loads it");
        });
    }
}
