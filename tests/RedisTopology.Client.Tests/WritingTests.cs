using RedisTopology.Population;
using StackExchange.Redis;

namespace RedisTopology.Client.Tests;

public sealed class WritingTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    public static TheoryData<Way> Ways => [Way.Straight, Way.Sidecar];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_write_goes_to_the_origin_first_and_readers_get_the_old_value_until_it_is_acknowledged(Way way)
    {
        await using var app = fixture.Open(way);
        var key = fixture.NewKey("score");
        await app.Cache.SetAsync(key, new Blog(1, "old"));
        string? seen = null, idempotency = null;
        var result = await app.Cache.WriteThroughAsync(key, new Blog(1, "new"), async (request, ct) =>
        {
            (seen, idempotency) = ((await app.Cache.GetAsync<Blog>(key, ct))?.Title, request.IdempotencyKey);
            Assert.Equal(key, request.Key);
            Assert.Equal(new Blog(1, "new"), request.Value);
        });
        Assert.Equal(WriteStatus.Written, result.Status);
        Assert.Equal("old", seen);
        Assert.Equal(33, idempotency!.Length);
        Assert.Equal(new Blog(1, "new"), await app.Cache.GetAsync<Blog>(key));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_refusal_leaves_the_old_value_with_its_time(Way way)
    {
        await using var app = fixture.Open(way);
        var key = fixture.NewKey("score");
        await app.Cache.SetAsync(key, new Blog(1, "old"), TimeSpan.FromMinutes(30));
        var e = await Assert.ThrowsAsync<WriteThroughException>(async () =>
            await app.Cache.WriteThroughAsync(key, new Blog(1, "new"), (_, _) => throw new OriginRefusedException("no such match")));
        Assert.Equal(WriteStatus.Refused, e.Status);
        Assert.Equal("no such match", e.Message);
        Assert.Equal(new Blog(1, "old"), await app.Cache.GetAsync<Blog>(key));
        Assert.InRange((await app.Cache.Database.KeyTimeToLiveAsync(key, CommandFlags.DemandMaster))!.Value.TotalMinutes, 26, 34);
    }

    [Fact]
    public async Task After_an_uncertain_write_the_old_value_is_gone_with_the_lease()
    {
        await using var app = fixture.Open(Way.Straight, o => o.AddPolicy("quick", new() { Timeout = TimeSpan.FromMilliseconds(200) }));
        var key = fixture.NewKey("score");
        await app.Cache.SetAsync(key, new Blog(1, "old"), policy: "quick");
        var e = await Assert.ThrowsAsync<WriteThroughException>(async () =>
            await app.Cache.WriteThroughAsync(key, new Blog(1, "new"), (_, _) => throw new TimeoutException("who knows"), "quick"));
        Assert.Equal(WriteStatus.Unknown, e.Status);
        Assert.IsType<TimeoutException>(e.InnerException);
        Assert.Equal(new Blog(1, "truth"), await Testing.Eventually.ThatAsync(
            async () => await app.Cache.GetOrLoadAsync<Blog>(key, _ => new(new Blog(1, "truth")), "quick"), b => b?.Title == "truth", TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Replicas_are_waited_for_on_the_straight_way_and_through_a_sidecar_that_is_said_to_be_impossible()
    {
        static void Two(CacheClusterOptions o) => o.AddPolicy("two", new() { WaitReplicas = 1 });
        await using var straight = fixture.Open(Way.Straight, Two);
        var result = await straight.Cache.WriteThroughAsync(fixture.NewKey("score"), "1:0", (_, _) => default, "two");
        Assert.Equal((WriteStatus.Written, 1, null), (result.Status, result.Replicas, result.Error));
        await using var sidecar = fixture.Open(Way.Sidecar, Two);
        result = await sidecar.Cache.WriteThroughAsync(fixture.NewKey("score"), "1:0", (_, _) => default, "two");
        Assert.Equal((WriteStatus.Written, 0), (result.Status, result.Replicas));
        Assert.Contains("straight to the cluster", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Removing_says_whether_there_was_something(Way way)
    {
        await using var app = fixture.Open(way);
        var key = fixture.NewKey();
        await app.Cache.SetAsync(key, "x");
        Assert.True(await app.Cache.RemoveAsync(key));
        Assert.False(await app.Cache.RemoveAsync(key));
        Assert.Null(await app.Cache.GetAsync<string>(key));
    }
}
