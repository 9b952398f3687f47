using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Testing;
using StackExchange.Redis;

namespace RedisTopology.Client.Tests.Distributed;

public sealed class PlainDistributedCacheTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    [Theory]
    [InlineData(Way.Straight)]
    [InlineData(Way.Sidecar)]
    public async Task Entries_are_plain_strings_with_an_expiry(Way way)
    {
        await using var app = fixture.Open(way);
        var (cache, key) = (app.Get<IDistributedCache>(), fixture.NewKey());
        await cache.SetStringAsync(key, "plain", new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) });
        Assert.Equal("plain", await app.RawAsync(key));
        Assert.Equal("plain", cache.GetString(key));
        Assert.Equal(RedisType.String, await app.Cache.Database.KeyTypeAsync(key, CommandFlags.DemandMaster));
        Assert.InRange((await app.Cache.Database.KeyTimeToLiveAsync(key, CommandFlags.DemandMaster))!.Value.TotalSeconds, 50, 60);
        await cache.RemoveAsync(key);
        Assert.Null(await cache.GetAsync(key));
    }

    [Fact]
    public async Task A_sliding_expiration_is_refused_rather_than_forgotten()
    {
        await using var app = fixture.Open(Way.Straight);
        var e = await Assert.ThrowsAsync<NotSupportedException>(() => app.Get<IDistributedCache>().SetAsync("k", [1], new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromSeconds(1) }));
        Assert.Contains("Use an absolute one", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HybridCache_has_the_cluster_for_its_second_level()
    {
        var (key, calls) = (fixture.NewKey(), 0);
        for (var i = 0; i < 2; i++)
        {
            // Read from the masters: the second application is another process, which may be ahead of the replicas.
            await using var app = fixture.Open(Way.Straight, o => o.Consistency = CacheConsistency.Master, s => s.AddHybridCache());
            Assert.Equal("value", await app.Get<HybridCache>().GetOrCreateAsync(key, _ =>
            {
                calls++;
                return new ValueTask<string>("value");
            }));
            await Eventually.TrueAsync(() => app.Cache.Database.KeyExistsAsync(key, CommandFlags.DemandMaster), TimeSpan.FromSeconds(10));
        }

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_policy_with_a_local_time_answers_from_the_process_until_it_writes()
    {
        await using var app = fixture.Open(Way.Straight, o => o.AddPolicy("local", new(), TimeSpan.FromMinutes(1)), s => s.AddHybridCache());
        var key = fixture.NewKey();
        Assert.Equal("a", await app.Cache.GetOrLoadAsync<string>(key, _ => new("a"), "local"));
        await app.Cache.Database.StringSetAsync(key, "b");
        Assert.Equal("a", await app.Cache.GetOrLoadAsync<string>(key, _ => new("never"), "local"));
        await app.Cache.SetAsync(key, "c", policy: "local");
        Assert.Equal("c", await app.Cache.GetOrLoadAsync<string>(key, _ => new("never"), "local"));
    }

    [Fact]
    public async Task A_local_time_without_HybridCache_is_refused_at_the_start()
    {
        await using var app = fixture.Open(Way.Straight, o => o.AddPolicy("local", new(), TimeSpan.FromMinutes(1)));
        Assert.Contains("AddHybridCache", Assert.Throws<InvalidOperationException>(() => app.Cache).Message, StringComparison.Ordinal);
    }
}
