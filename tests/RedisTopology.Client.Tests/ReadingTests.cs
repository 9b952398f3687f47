using RedisTopology.Population;
using RedisTopology.Testing;
using StackExchange.Redis;

namespace RedisTopology.Client.Tests;

public sealed class ReadingTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    public static TheoryData<Way> Ways => [Way.Straight, Way.Sidecar];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_miss_asks_the_origin_once_and_stores_what_redis_cli_can_read(Way way)
    {
        await using var app = fixture.Open(way);
        var (key, calls) = (fixture.NewKey(), 0);
        ValueTask<Blog?> Load(CancellationToken ct)
        {
            calls++;
            return new(new Blog(7, "Hello"));
        }

        Assert.Equal(new Blog(7, "Hello"), await app.Cache.GetOrLoadAsync<Blog>(key, Load));
        Assert.Equal(new Blog(7, "Hello"), await app.Cache.GetOrLoadAsync<Blog>(key, Load));
        Assert.Equal(new Blog(7, "Hello"), await app.Cache.GetAsync<Blog>(key));
        Assert.Equal(1, calls);
        Assert.Equal("""{"id":7,"title":"Hello"}""", await app.RawAsync(key));
        Assert.InRange((await app.Cache.Database.KeyTimeToLiveAsync(key, CommandFlags.DemandMaster))!.Value.TotalSeconds, 530, 661);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Many_callers_in_four_applications_cause_one_origin_call(Way way)
    {
        var (key, calls) = (fixture.NewKey(), 0);
        var apps = Enumerable.Range(0, 4).Select(_ => fixture.Open(way)).ToList();
        foreach (var app in apps)
            await app.Cache.Database.PingAsync();
        var reads = await Task.WhenAll(apps.SelectMany(app => Enumerable.Range(0, 100).Select(_ => Task.Run(() => app.Cache.GetOrLoadAsync<Blog>(key, async ct =>
        {
            Interlocked.Increment(ref calls);
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
            return new Blog(1, "One");
        }).AsTask()))));
        Assert.All(reads, r => Assert.Equal(new Blog(1, "One"), r));
        Assert.Equal(1, calls);
        foreach (var app in apps)
            await app.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Not_found_is_remembered_and_ends_with_a_set(Way way)
    {
        await using var app = fixture.Open(way);
        var (key, calls) = (fixture.NewKey(), 0);
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(await app.Cache.GetOrLoadAsync<Blog>(key, ct =>
            {
                calls++;
                return new((Blog?)null);
            }));
        }

        Assert.Equal(1, calls);
        await app.Cache.SetAsync(key, new Blog(2, "Now"));
        Assert.Equal(new Blog(2, "Now"), await app.Cache.GetOrLoadAsync<Blog>(key, _ => throw new InvalidOperationException("asked")));
    }

    [Fact]
    public async Task An_origin_that_fails_is_the_callers_inner_exception_and_the_next_one_may_try()
    {
        await using var app = fixture.Open(Way.Straight);
        var key = fixture.NewKey();
        var e = await Assert.ThrowsAsync<OriginDownException>(async () => await app.Cache.GetOrLoadAsync<Blog>(key, _ => throw new InvalidOperationException("no database")));
        Assert.Equal("no database", Assert.IsType<InvalidOperationException>(e.InnerException).Message);
        Assert.Equal(new Blog(3, "Up"), await app.Cache.GetOrLoadAsync<Blog>(key, _ => new(new Blog(3, "Up"))));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_was_read_before_a_write_is_not_stored_after_it(Way way)
    {
        await using var app = fixture.Open(way);
        var key = fixture.NewKey();
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        var read = app.Cache.GetOrLoadAsync<Blog>(key, async ct =>
        {
            asked.SetResult();
            await answer.Task;
            return new Blog(4, "old");
        }).AsTask();
        await asked.Task;
        await app.Cache.SetAsync(key, new Blog(4, "new"));
        answer.SetResult();
        await read;
        Assert.Equal(new Blog(4, "new"), await app.Cache.GetAsync<Blog>(key));
        Assert.Equal(1, app.Cache.CountersOf().RefusedFills);
    }

    [Fact]
    public async Task Reads_go_to_replicas_and_with_Master_to_masters()
    {
        await using var replicas = fixture.Open(Way.Straight);
        await using var masters = fixture.Open(Way.Straight, o => o.Consistency = CacheConsistency.Master);
        await replicas.Cache.Database.PingAsync();
        await masters.Cache.Database.PingAsync();
        // Not before the masters have said which slots they are about to give away.
        var start = await GetsAsync();
        await Eventually.ThatAsync(
            async () =>
            {
                await replicas.Cache.GetAsync<string>(fixture.NewKey("nobody"));
                return await GetsAsync();
            },
            gets => gets.Replicas > start.Replicas,
            TimeSpan.FromSeconds(60));
        var before = await GetsAsync();
        for (var i = 0; i < 50; i++)
            await replicas.Cache.GetAsync<string>(fixture.NewKey("nobody"));
        var between = await GetsAsync();
        Assert.True(between.Replicas >= before.Replicas + 50, $"{between} after {before}");
        for (var i = 0; i < 50; i++)
            await masters.Cache.GetAsync<string>(fixture.NewKey("nobody"));
        Assert.True((await GetsAsync()).Masters >= between.Masters + 50);
    }

    [Fact]
    public async Task A_string_is_stored_as_it_is_and_a_number_as_its_digits()
    {
        await using var app = fixture.Open(Way.Straight);
        var (text, number) = (fixture.NewKey(), fixture.NewKey());
        await app.Cache.SetAsync(text, "grüße");
        await app.Cache.SetAsync<int>(number, 42);
        Assert.Equal("grüße", await app.RawAsync(text));
        Assert.Equal("42", await app.RawAsync(number));
        Assert.Equal(42, await app.Cache.GetAsync<int?>(number));
        Assert.Null(await app.Cache.GetAsync<int?>(fixture.NewKey()));
    }

    private async Task<(long Masters, long Replicas)> GetsAsync() => (await SumAsync(fixture.Cluster.Masters), await SumAsync(fixture.Cluster.Replicas));

    private static async Task<long> SumAsync(IEnumerable<RedisProcess> nodes)
    {
        var sum = 0L;
        foreach (var node in nodes)
        {
            var line = ((string)(await node.ExecuteAsync("INFO", "commandstats"))!).Split('\n').FirstOrDefault(l => l.StartsWith("cmdstat_get:", StringComparison.Ordinal));
            sum += line is null ? 0 : long.Parse(line.Split('=', ',')[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        return sum;
    }
}
