using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;
using StackExchange.Redis;

namespace RedisTopology.Client.Tests;

public sealed class KeyRangeTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    [Theory]
    [InlineData(Way.Straight)]
    [InlineData(Way.Sidecar)]
    public async Task Ids_of_a_range_share_a_slot_and_the_application_sees_its_own_keys(Way way)
    {
        await using var app = fixture.Open(way, o => o.KeyRange = new() { Patterns = { "user:{id}", "user:{id}:*" }, First = 1, Granularity = 1000 });
        var cache = app.Cache;
        Assert.Equal(0, HashSlot.Of(cache.KeyOf("user:1000").ToString()));
        Assert.Equal(1, HashSlot.Of(cache.KeyOf("user:1001").ToString()));
        Assert.Equal("other", cache.KeyOf("other"));
        Assert.Equal("Ann", await cache.GetOrLoadAsync<string>("user:1001:name", _ => new("Ann")));
        Assert.Equal("Ann", await cache.Database.StringGetAsync("{" + SlotTags.TagOf(1) + "}user:1001:name", CommandFlags.DemandMaster));
        await cache.WriteThroughAsync("user:1001:name", "Bob", (request, _) =>
        {
            Assert.Equal("user:1001:name", request.Key);
            return default;
        });
        Assert.Equal("Bob", await cache.GetAsync<string>("user:1001:name"));
        Assert.True(await cache.RemoveAsync("user:1001:name"));
    }

    [Fact]
    public async Task A_mapping_that_cannot_be_is_refused_with_the_remedy()
    {
        await using var app = fixture.Open(Way.Straight, o => o.KeyRange = new() { Patterns = { "user:{name}" } });
        Assert.Contains("write it where the number stands", Assert.Throws<ArgumentException>(() => app.Cache).Message, StringComparison.Ordinal);
    }
}
