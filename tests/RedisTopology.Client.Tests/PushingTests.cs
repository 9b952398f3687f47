using RedisTopology.Population;
using StackExchange.Redis;

namespace RedisTopology.Client.Tests;

public sealed class PushingTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    public static TheoryData<Way> Ways => [Way.Straight, Way.Sidecar];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Values_are_there_before_anybody_asks_and_do_not_expire_together(Way way)
    {
        await using var app = fixture.Open(way);
        var kind = fixture.NewKey("tweet");
        await app.Cache.SetAsync($"{kind}:0", "newer");
        var reports = new List<PushProgress>();
        var pushed = await app.Cache.PushAsync(Entries(kind, 2000), new() { Ttl = TimeSpan.FromHours(1) }, new Reports(reports));
        Assert.Equal((2001, 1999, 1, 1), (pushed.Cursor, pushed.Stored, pushed.Skipped, pushed.Failed));
        Assert.Equal(new PushReason(1, 2000), pushed.Reasons["it has no key, or no value"]);
        Assert.Equal(pushed.Cursor, reports[^1].Cursor);
        Assert.Equal("newer", await app.Cache.GetAsync<string>($"{kind}:0"));
        Assert.Equal("tweet 1234", await app.Cache.GetOrLoadAsync<string>($"{kind}:1234", _ => throw new InvalidOperationException("asked")));
        var seconds = new HashSet<long>();
        for (var i = 1; i < 100; i++)
            seconds.Add((long)(await app.Cache.Database.KeyTimeToLiveAsync($"{kind}:{i}", CommandFlags.DemandMaster))!.Value.TotalSeconds);
        Assert.All(seconds, s => Assert.InRange(s, 3200, 3960));
        Assert.True(seconds.Count > 50, $"{seconds.Count} different times of 99");
    }

    private static async IAsyncEnumerable<Entry<string>> Entries(string kind, int count)
    {
        for (var i = 0; i < count; i++)
            yield return new($"{kind}:{i}", $"tweet {i}");
        await Task.Yield();
        yield return new("", "nobody's");
    }

    private sealed class Reports(List<PushProgress> reports) : IProgress<PushProgress>
    {
        public void Report(PushProgress value) => reports.Add(value);
    }
}
