using BlogCricketTweets;
using BlogCricketTweets.Data;
using BlogCricketTweets.Measuring;
using BlogCricketTweets.Origins;
using BlogCricketTweets.Stories;

var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, SampleJson.Default));
builder.Services.AddSingleton<Database>();
builder.Services.AddSingleton<Measurements>();
builder.Services.AddCacheCluster(o =>
{
    // A sidecar as a rule; nodes of the cluster itself work as well.
    o.Configuration = builder.Configuration["Cache"] ?? "127.0.0.1:6379";
    o.UseJson(SampleJson.Default);
    // Blog posts: loaded when somebody asks, fresh for ten minutes, and for an hour more while the database is down.
    o.AddPolicy("blog", new() { Ttl = TimeSpan.FromMinutes(10), Stale = TimeSpan.FromHours(1), NegativeTtl = TimeSpan.FromSeconds(30) });
    // A live score: written through, so that a reader never waits for the database and never sees a score older than the last acknowledged one.
    o.AddPolicy("score", new() { Ttl = TimeSpan.FromHours(1) });
    // Timelines: pushed when the celebrity tweets; loaded for those who were not among the followers then.
    o.AddPolicy("timeline", new() { Ttl = TimeSpan.FromMinutes(30) });
});

var app = builder.Build();
await app.Services.GetRequiredService<Database>().CreateAsync();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapBlog();
app.MapCricket();
app.MapTweets();
app.MapAnyLanguage();
app.MapOrigins();
app.MapGet("/api/stats", (Measurements measurements) => measurements.Report());
await app.RunAsync();
