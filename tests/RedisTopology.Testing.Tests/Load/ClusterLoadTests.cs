using RedisTopology.Testing.Load;

namespace RedisTopology.Testing.Tests.Load;

/// <summary>The checkers find what they are there to find: everything here is broken on purpose behind their back.</summary>
public sealed class ClusterLoadTests : IAsyncLifetime
{
    private static readonly ClusterLoadOptions Small = new() { Lanes = 2, StaticKeys = 20, ReplyTimeout = TimeSpan.FromMilliseconds(300), Deadline = TimeSpan.FromSeconds(4) };
    private RedisProcess _redis = null!;
    private ClusterLoad _load = null!;

    public async ValueTask InitializeAsync()
    {
        // A master that has run for 2 s without slots takes itself for one that was cut off, and serves a node timeout after it was given them, 5 s at most: with the default that is more than the load's deadline.
        _redis = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true, Password = "secret", Config = { "cluster-node-timeout 1000" } });
        await _redis.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        _load = await ClusterLoad.StartAsync(() => [_redis.Endpoint], () => "secret", Small);
    }

    public async ValueTask DisposeAsync()
    {
        await _load.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task An_honest_server_is_found_clean()
    {
        await WaitAsync(500);
        var report = await _load.StopAsync();
        Assert.True(report.IsClean, report.ToString());
        Assert.InRange(report.Written, 50, long.MaxValue);
        Assert.InRange(report.Reads, 50, long.MaxValue);
        Assert.Equal(0, report.Maybe);
    }

    [Fact]
    public async Task Lost_keys_are_lost_writes_and_false_nils()
    {
        await WaitAsync(300);
        await _redis.ExecuteAsync("FLUSHALL");
        await WaitAsync(500);
        var report = await _load.StopAsync();
        Assert.InRange(report.Lost, Small.StaticKeys + 1, report.Written + Small.StaticKeys);
        Assert.InRange(report.FalseNils, 1, int.MaxValue);
        Assert.False(report.IsClean);
    }

    [Fact]
    public async Task A_single_write_that_is_undone_is_found()
    {
        await WaitAsync(300);
        var counter = (await CountersAsync())[0];
        await _redis.ExecuteAsync("DECR", counter);
        await WaitAsync(300);
        Assert.Equal(1, (await _load.StopAsync()).Lost);
    }

    [Fact]
    public async Task A_write_that_is_carried_out_twice_is_found()
    {
        await WaitAsync(300);
        await _redis.ExecuteAsync("INCR", (await CountersAsync())[0]);
        await WaitAsync(300);
        var report = await _load.StopAsync();
        Assert.Equal((1, 0), (report.Doubled, report.Lost));
    }

    [Theory]
    [InlineData("list", "LPOP")]
    [InlineData("set", "SPOP")]
    public async Task An_element_that_is_gone_is_found(string type, string command)
    {
        await WaitAsync(300);
        await _redis.ExecuteAsync(command, (await KeysAsync(type))[0]);
        var report = await _load.StopAsync();
        Assert.InRange(report.Lost, 1, 1);
    }

    [Fact]
    public async Task An_element_that_is_there_twice_is_found()
    {
        await WaitAsync(300);
        await _redis.ExecuteAsync("RPUSH", (await KeysAsync("list"))[0], "0");
        Assert.Equal(1, (await _load.StopAsync()).Doubled);
    }

    [Fact]
    public async Task A_frozen_server_is_a_gap_and_its_writes_are_perhaps_carried_out()
    {
        var since = TimeProvider.System.GetTimestamp();
        _redis.Freeze();
        await WaitAsync(1000);
        _redis.Resume();
        await WaitAsync(500);
        Assert.InRange(_load.LongestGap(since).TotalMilliseconds, 900, 3000);
        var report = await _load.StopAsync();
        Assert.InRange(report.Maybe, 1, long.MaxValue);
        Assert.Equal((0L, 0, 0), (report.Lost, report.FalseNils, report.Late));
    }

    [Fact]
    public async Task A_server_that_stays_away_is_too_late()
    {
        _redis.Freeze();
        await WaitAsync(5000);
        _redis.Resume();
        Assert.InRange((await _load.StopAsync()).Late, 1, int.MaxValue);
    }

    [Fact]
    public async Task Slots_without_an_owner_are_noticed()
    {
        await using var watch = OwnershipWatch.Start(() => [_redis.Endpoint], () => "secret");
        await WaitAsync(300);
        Assert.Equal(TimeSpan.Zero, watch.LongestUnowned);
        await _redis.ExecuteAsync("CLUSTER", "DELSLOTS", "7");
        await WaitAsync(600);
        Assert.InRange(watch.LongestUnowned.TotalMilliseconds, 200, 700);
        Assert.Equal(TimeSpan.Zero, watch.LongestDouble);
    }

    private static Task WaitAsync(int milliseconds) => Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Counters are the first keys of each lane.</summary>
    private async Task<List<string>> CountersAsync() => [.. (await KeysAsync("string")).Where(k => k.StartsWith("load:", StringComparison.Ordinal)).OrderBy(k => int.Parse(k.Split(':')[2], null)).Take(8)];

    private async Task<List<string>> KeysAsync(string type)
    {
        var keys = new List<string>();
        foreach (string key in (object[])(await _redis.ExecuteAsync("KEYS", "load:*"))!)
        {
            if ((string?)await _redis.ExecuteAsync("TYPE", key) == type)
                keys.Add(key);
        }

        return keys;
    }
}
