using RedisTopology.Population.Tests.Support;
using static RedisTopology.Population.Tests.Support.RedisStore;

namespace RedisTopology.Population.Tests.Pushing;

/// <summary>Pushes to a real server.</summary>
public sealed class PusherTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Everything_is_stored_with_times_that_differ()
    {
        var result = await new Pusher(server.Store).PushAsync(Entries("spread", 2000), new() { Ttl = TimeSpan.FromSeconds(1000) });
        Assert.Equal((2000, 2000, 0, 0), (result.Cursor, result.Stored, result.Skipped, result.Failed));
        var left = new List<double>();
        for (var i = 0; i < 2000; i += 10)
            left.Add((await server.Database.KeyTimeToLiveAsync($"spread:{i}"))!.Value.TotalSeconds);
        // ±10 %: no second in which more than a few percent of them end.
        Assert.True(left.Max() - left.Min() > 150);
        Assert.All(left, s => Assert.InRange(s, 890, 1100));
        Assert.True(left.GroupBy(s => (int)s).Max(g => g.Count()) < 20);
    }

    [Fact]
    public async Task Adding_never_overwrites_and_keeps_out_of_the_way_of_who_is_at_work()
    {
        await server.Database.StringSetAsync("add:1", "newer");
        await server.Database.StringSetAsync(Text(new SiblingKeys(Bytes("add:2")).Lease), "w1", TimeSpan.FromMinutes(1));
        var result = await new Pusher(server.Store).PushAsync(Entries("add", 4), new());
        Assert.Equal((2, 2), (result.Stored, result.Skipped));
        Assert.Equal("newer", (string?)await server.Database.StringGetAsync("add:1"));
        Assert.False(await server.Database.KeyExistsAsync("add:2"));
    }

    [Fact]
    public async Task Setting_overwrites_and_refuses_a_fill_that_is_under_way()
    {
        using var populator = new Populator(server.Store, new());
        var answer = new TaskCompletionSource<OriginAnswer>();
        var asked = new TaskCompletionSource();
        var reader = populator.GetOrLoadAsync(Bytes("set:0"), (_, _) =>
        {
            asked.SetResult();
            return new(answer.Task);
        }).AsTask();
        await asked.Task;
        await new Pusher(server.Store).PushAsync(Entries("set", 1), new() { Mode = PushMode.Set });
        answer.SetResult(OriginAnswer.Found(Bytes("older")));
        await reader;
        Assert.Equal("value 0", (string?)await server.Database.StringGetAsync("set:0"));
    }

    [Fact]
    public async Task What_fails_is_counted_by_its_reason()
    {
        async IAsyncEnumerable<PushEntry> Source()
        {
            yield return new(Bytes("bad:0"), Bytes("v"));
            yield return new(default, default, null, "no key");
            yield return new(default, default, null, "no key");
            await Task.Yield();
        }

        var result = await new Pusher(server.Store).PushAsync(Source(), new() { Cursor = 100 });
        Assert.Equal((103, 1, 2), (result.Cursor, result.Stored, result.Failed));
        Assert.Equal(new PushReason(2, 101), result.Reasons["no key"]);
    }

    [Fact]
    public async Task The_rate_of_a_shard_is_kept()
    {
        var began = TimeProvider.System.GetTimestamp();
        await new Pusher(server.Store).PushAsync(Entries("rate", 600), new() { RatePerShard = 500 });
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 1.0, 10);
    }

    [Fact]
    public async Task The_window_shrinks_while_others_are_slow()
    {
        var (under, most, slow) = (0, 0, false);
        var store = new RedisStore(server.Database)
        {
            Before = async _ =>
            {
                var counted = slow;
                if (counted)
                    most = Math.Max(most, Interlocked.Increment(ref under));
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
                if (counted)
                    Interlocked.Decrement(ref under);
            },
        };
        async IAsyncEnumerable<PushEntry> Source()
        {
            // It halves twenty times a second: after 700 ms it is as small as it gets.
            var began = TimeProvider.System.GetTimestamp();
            for (var i = 0; TimeProvider.System.GetElapsedTime(began) is var passed && passed < TimeSpan.FromSeconds(1); i++)
            {
                slow = passed > TimeSpan.FromMilliseconds(700);
                yield return new(Bytes($"slow:{i}"), Bytes("v"));
            }

            await Task.Yield();
        }

        await new Pusher(store).PushAsync(Source(), new() { Window = 64, ForegroundLatency = () => TimeSpan.FromSeconds(1) });
        Assert.InRange(most, 1, 8);
    }

    private static async IAsyncEnumerable<PushEntry> Entries(string prefix, int count)
    {
        for (var i = 0; i < count; i++)
            yield return new(Bytes($"{prefix}:{i}"), Bytes($"value {i}"));
        await Task.Yield();
    }
}
