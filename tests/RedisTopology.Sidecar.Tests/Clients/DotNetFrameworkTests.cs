using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Hangfire;
using Hangfire.Redis.StackExchange;
using Medallion.Threading.Redis;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using RedisRateLimiting;
using RedLockNet.SERedis;
using RedLockNet.SERedis.Configuration;
using StackExchange.Redis;
using ZiggyCreatures.Caching.Fusion;
using ZiggyCreatures.Caching.Fusion.Backplane.StackExchangeRedis;
using ZiggyCreatures.Caching.Fusion.Locking.Distributed.Redis;
using ZiggyCreatures.Caching.Fusion.Serialization.SystemTextJson;

namespace RedisTopology.Sidecar.Tests.Clients;

/// <summary>Frameworks and further clients of .NET, unmodified: before a plain server, and before the sidecar with what frameworks do not need, its default configuration.</summary>
public sealed class DotNetFrameworkTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    [Theory]
    [InlineData("plain")]
    [InlineData("sidecar")]
    public async Task FusionCache(string server)
    {
        var (made, address) = (0, Address(server));
        await using var one = Fusion(address);
        await using var two = Fusion(address);
        var (near, far) = (one.GetRequiredService<IFusionCache>(), two.GetRequiredService<IFusionCache>());
        var values = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? near : far).GetOrSetAsync<int>("fusion:many", async (_, ct) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, ct);
            return Interlocked.Increment(ref made);
        }).AsTask()));
        Assert.Equal(Enumerable.Repeat(1, 20), values);

        await near.SetAsync("fusion:a", 1, tags: ["numbers"]);
        Assert.Equal(1, await far.GetOrDefaultAsync<int>("fusion:a"));
        await near.SetAsync("fusion:a", 2, tags: ["numbers"]);
        await UntilAsync("the other cache hears of a change", async () => await far.GetOrDefaultAsync<int>("fusion:a") == 2);
        await far.RemoveByTagAsync("numbers");
        await UntilAsync("and of a tag's removal", async () => !(await near.TryGetAsync<int>("fusion:a")).HasValue);
        await near.SetAsync("fusion:b", 3);
        Assert.Equal(3, await far.GetOrDefaultAsync<int>("fusion:b"));
        await near.RemoveAsync("fusion:b");
        await UntilAsync("and of a key's", async () => !(await far.TryGetAsync<int>("fusion:b")).HasValue);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("sidecar")]
    public async Task Hangfire_jobs(string server)
    {
        await using var redis = await ConnectAsync(server);
        var storage = new RedisStorage(redis, new RedisStorageOptions { FetchTimeout = TimeSpan.FromSeconds(1) });
        using var worker = new BackgroundJobServer(new BackgroundJobServerOptions { WorkerCount = 4, SchedulePollingInterval = TimeSpan.FromMilliseconds(500) }, storage);
        var jobs = new BackgroundJobClient(storage);
        for (var i = 0; i < 20; i++)
            jobs.Enqueue(() => HangfireJobs.Count($"{server}:job"));
        jobs.Schedule(() => HangfireJobs.Count($"{server}:later"), TimeSpan.FromSeconds(1));
        jobs.ContinueJobWith(jobs.Enqueue(() => HangfireJobs.Count($"{server}:first")), () => HangfireJobs.Count($"{server}:then"));
        jobs.Enqueue(() => HangfireJobs.FailOnce($"{server}:retry"));
        var recurring = new RecurringJobManager(storage);
        recurring.AddOrUpdate("checks", () => HangfireJobs.Count($"{server}:recurring"), Cron.Yearly());
        recurring.Trigger("checks");
        var expected = new Dictionary<string, int> { ["job"] = 20, ["later"] = 1, ["first"] = 1, ["then"] = 1, ["retry"] = 2, ["recurring"] = 1 };
        await UntilAsync("all jobs are done", () => Task.FromResult(expected.All(e => HangfireJobs.Done.GetValueOrDefault($"{server}:{e.Key}") == e.Value)));
        await UntilAsync("and counted", () => Task.FromResult(storage.GetMonitoringApi().GetStatistics() is { Succeeded: 25, Recurring: 1, Servers: 1, Queues: >= 1 }));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("sidecar")]
    public async Task Locks(string server)
    {
        await using var redis = await ConnectAsync(server);
        using var factory = RedLockFactory.Create([new RedLockMultiplexer(redis)]);
        await using (var held = await factory.CreateLockAsync("redlock:a", TimeSpan.FromSeconds(30)))
        {
            Assert.True(held.IsAcquired);
            await using var refused = await factory.CreateLockAsync("redlock:a", TimeSpan.FromSeconds(30));
            Assert.False(refused.IsAcquired);
        }

        await using (var again = await factory.CreateLockAsync("redlock:a", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100)))
            Assert.True(again.IsAcquired);

        var database = redis.GetDatabase();
        await using (await new RedisDistributedLock("lock:a", database).AcquireAsync(TimeSpan.FromSeconds(20)))
            Assert.Null(await new RedisDistributedLock("lock:a", database).TryAcquireAsync());
        // Two keys in one script: its name needs braces.
        var door = new RedisDistributedReaderWriterLock("{lock:door}", database);
        await using (await door.AcquireReadLockAsync(TimeSpan.FromSeconds(20)))
        {
            await using var second = await door.AcquireReadLockAsync(TimeSpan.FromSeconds(20));
            Assert.Null(await door.TryAcquireWriteLockAsync());
        }

        await using (await door.AcquireWriteLockAsync(TimeSpan.FromSeconds(20)))
            Assert.Null(await door.TryAcquireReadLockAsync());
        var pair = new RedisDistributedSemaphore("lock:pair", 2, database);
        await using var left = await pair.AcquireAsync(TimeSpan.FromSeconds(20));
        await using var right = await pair.AcquireAsync(TimeSpan.FromSeconds(20));
        Assert.Null(await pair.TryAcquireAsync());
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("sidecar")]
    public async Task RedisRateLimiting_of_four_kinds(string server)
    {
        await using var redis = await ConnectAsync(server);
        var hour = TimeSpan.FromHours(1);
        await using var concurrency = new RedisConcurrencyRateLimiter<string>("rate:c", new() { ConnectionMultiplexerFactory = () => redis, PermitLimit = 2 });
        using (await concurrency.AcquireAsync())
        using (await concurrency.AcquireAsync())
            Assert.False((await concurrency.AcquireAsync()).IsAcquired);
        await UntilAsync("a permit comes back", async () => (await concurrency.AcquireAsync()).IsAcquired);

        await using var window = new RedisFixedWindowRateLimiter<string>("rate:f", new() { ConnectionMultiplexerFactory = () => redis, PermitLimit = 2, Window = hour });
        await using var sliding = new RedisSlidingWindowRateLimiter<string>("rate:s", new() { ConnectionMultiplexerFactory = () => redis, PermitLimit = 2, Window = hour });
        await using var bucket = new RedisTokenBucketRateLimiter<string>("rate:t",
            new() { ConnectionMultiplexerFactory = () => redis, TokenLimit = 2, TokensPerPeriod = 1, ReplenishmentPeriod = hour });
        foreach (System.Threading.RateLimiting.RateLimiter limiter in new System.Threading.RateLimiting.RateLimiter[] { window, sliding, bucket })
        {
            Assert.True((await limiter.AcquireAsync()).IsAcquired);
            Assert.True((await limiter.AcquireAsync()).IsAcquired);
            Assert.False((await limiter.AcquireAsync()).IsAcquired);
        }
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("sidecar")]
    public async Task AspNetCore_keys_and_pages(string server)
    {
        await using var redis = await ConnectAsync(server);
        await using var one = AspNet(redis);
        await using var two = AspNet(redis);
        var secret = one.GetRequiredService<IDataProtectionProvider>().CreateProtector("checks").Protect("secret");
        Assert.Equal("secret", two.GetRequiredService<IDataProtectionProvider>().CreateProtector("checks").Unprotect(secret));

        var (pages, others) = (one.GetRequiredService<IOutputCacheStore>(), two.GetRequiredService<IOutputCacheStore>());
        for (var i = 0; i < 10; i++)
            await pages.SetAsync($"page{i}", Encoding.UTF8.GetBytes($"text{i}"), [i % 2 == 0 ? "even" : "odd", "all"], TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal("text4"u8.ToArray(), await others.GetAsync("page4", TestContext.Current.CancellationToken));
        await others.EvictByTagAsync("even", TestContext.Current.CancellationToken);
        Assert.Null(await pages.GetAsync("page4", TestContext.Current.CancellationToken));
        Assert.NotNull(await pages.GetAsync("page5", TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("sidecar")]
    public async Task FreeRedis_client(string server)
    {
        using var redis = new FreeRedis.RedisClient($"{Address(server)},protocol=RESP3,clientName=checks");
        var keys = Enumerable.Range(0, 50).Select(i => $"free:{i}").ToArray();
        redis.MSet(keys.ToDictionary(k => k, k => k));
        Assert.Equal(keys, redis.MGet(keys));
        Assert.Equal(50, keys.Length == redis.Exists(keys) ? redis.Del(keys) : 0);
        using (var pipe = redis.StartPipe())
        {
            foreach (var key in keys)
                pipe.Set(key, 1);
            foreach (var key in keys)
                pipe.Incr(key);
            Assert.Equal(Enumerable.Repeat<object>(2L, 50), pipe.EndPipe()[50..]);
        }

        using (var transaction = redis.Multi())
        {
            transaction.Set("{free}:a", 1);
            transaction.Incr("{free}:a");
            Assert.Equal(2L, transaction.Exec()[1]);
        }

        using (var held = redis.Lock("free:lock", 10))
            Assert.Null(redis.Lock("free:lock", 1, autoDelay: false));
        Assert.Equal("v", redis.Eval("return ARGV[1]", ["free:k"], "v"));
        Assert.Equal(50, redis.Scan("free:*", 100, null).SelectMany(page => page).Count(key => !key.Contains("lock", StringComparison.Ordinal)));
        var heard = new ConcurrentQueue<string>();
        using (redis.Subscribe("free:channel", (_, text) => heard.Enqueue((string)text)))
        {
            redis.Publish("free:channel", "hello");
            await UntilAsync("a message", () => Task.FromResult(heard.Contains("hello")));
        }

        var waiting = Task.Run(() => redis.BLPop("free:queue", 20));
        redis.RPush("free:queue", "work");
        Assert.Equal("work", await waiting);
        redis.Set("free:big", new string('x', 4 << 20));
        Assert.Equal(4 << 20, redis.Get("free:big").Length);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("sidecar")]
    public async Task CSRedisCore_client(string server)
    {
        using var redis = new CSRedis.CSRedisClient($"{Address(server)},poolsize=5,preheat=false,prefix=cs:");
        var keys = Enumerable.Range(0, 50).Select(i => $"k{i}").ToArray();
        Assert.True(redis.MSet([.. keys.SelectMany(k => new object[] { k, k })]));
        Assert.Equal(keys, redis.MGet(keys));
        Assert.Equal(50, redis.Del(keys));
        var answers = redis.StartPipe(pipe =>
        {
            foreach (var key in keys)
                pipe.IncrBy(key, 2);
        });
        Assert.Equal(Enumerable.Repeat<object>(2L, 50), answers);
        Assert.Equal("v", redis.Eval("return ARGV[1]", "k", "v"));
        using (redis.Lock("lock", 10))
            Assert.Null(redis.TryLock("lock", 1));
        Assert.Equal(50, Scanned());
        var heard = new ConcurrentQueue<string>();
        using (redis.Subscribe(("channel", message => heard.Enqueue(message.Body))))
        {
            await UntilAsync("a message", () =>
            {
                redis.Publish("channel", "hello");
                return Task.FromResult(heard.Contains("hello"));
            });
        }

        var waiting = Task.Run(() => redis.BRPop(20, "queue"));
        redis.LPush("queue", "work");
        Assert.Equal("work", await waiting);

        int Scanned()
        {
            var (cursor, found) = (0L, 0);
            do
            {
                var page = redis.Scan(cursor, "cs:k*", 1000);
                (cursor, found) = (page.Cursor, found + page.Items.Length);
            }
            while (cursor != 0);
            return found;
        }
    }

    private string Address(string server) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{(server == "plain" ? fixture.Plain.Port : fixture.Sidecar.Port)}");

    private async Task<ConnectionMultiplexer> ConnectAsync(string server) => await ConnectionMultiplexer.ConnectAsync($"{Address(server)},asyncTimeout=20000,syncTimeout=20000");

    private static ServiceProvider Fusion(string address)
    {
        var services = new ServiceCollection();
        services.AddFusionCache()
            .WithDefaultEntryOptions(new FusionCacheEntryOptions(TimeSpan.FromMinutes(10)))
            .WithSerializer(new FusionCacheSystemTextJsonSerializer())
            .WithDistributedCache(new RedisCache(new RedisCacheOptions { Configuration = address }))
            .WithBackplane(new RedisBackplane(new RedisBackplaneOptions { Configuration = address }))
            .WithDistributedLocker(new RedisDistributedLocker(new RedisDistributedLockerOptions { Configuration = address }));
        return services.BuildServiceProvider();
    }

    private static ServiceProvider AspNet(IConnectionMultiplexer redis)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddDataProtection().SetApplicationName("checks").PersistKeysToStackExchangeRedis(redis, "data-protection");
        services.AddStackExchangeRedisOutputCache(options => options.ConnectionMultiplexerFactory = () => Task.FromResult(redis));
        return services.BuildServiceProvider();
    }

    private static async Task UntilAsync(string what, Func<Task<bool>> condition)
    {
        for (var i = 0; i < 300; i++)
        {
            if (await condition())
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"{what}: not within 30 s");
    }
}
