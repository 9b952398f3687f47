using RedisTopology.Population.Tests.Support;
using static RedisTopology.Population.Tests.Support.RedisStore;

namespace RedisTopology.Population.Tests.Writing;

/// <summary>Writes through a real server.</summary>
public sealed class WriteThroughTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    private static readonly PopulationPolicy Policy = new() { Ttl = TimeSpan.FromMinutes(1), Timeout = TimeSpan.FromMilliseconds(300) };
    private static int _number;
    private readonly ReadOnlyMemory<byte> _key = Bytes($"score:{Interlocked.Increment(ref _number)}");

    [Fact]
    public async Task Origin_and_cache_have_it_when_it_is_acknowledged_and_readers_get_the_old_value_until_then()
    {
        using var populator = new Populator(server.Store, Policy);
        await server.Database.StringSetAsync(Text(_key), "1:0", TimeSpan.FromHours(1));
        string? stored = null, during = null;
        TimeSpan? leftDuring = null;
        var result = await populator.WriteThroughAsync(_key, Bytes("2:0"), async (write, _) =>
        {
            during = await server.Database.StringGetAsync(Text(_key));
            leftDuring = await server.Database.KeyTimeToLiveAsync(Text(_key));
            stored = Text(write.Value);
            return OriginWriteAnswer.Accepted();
        });

        Assert.Equal((WriteStatus.Written, "2:0", "1:0"), (result.Status, stored, during));
        Assert.True(leftDuring <= Policy.Lease);
        Assert.Equal("2:0", (string?)await server.Database.StringGetAsync(Text(_key)));
        Assert.InRange((await server.Database.KeyTimeToLiveAsync(Text(_key)))!.Value.TotalSeconds, 53, 66);
    }

    [Fact]
    public async Task What_the_origin_refuses_changes_nothing()
    {
        using var populator = new Populator(server.Store, Policy);
        await server.Database.StringSetAsync(Text(_key), "1:0", TimeSpan.FromHours(1));
        var result = await populator.WriteThroughAsync(_key, Bytes("2:0"), (_, _) => new(OriginWriteAnswer.Refused("no such match")));
        Assert.Equal((WriteStatus.Refused, "no such match"), (result.Status, result.Error));
        Assert.Equal("1:0", (string?)await server.Database.StringGetAsync(Text(_key)));
        Assert.InRange((await server.Database.KeyTimeToLiveAsync(Text(_key)))!.Value.TotalMinutes, 59, 60);
        Assert.False(await server.Database.KeyExistsAsync(Text(new SiblingKeys(_key).Lease)));
    }

    [Fact]
    public async Task Writers_of_one_key_queue_and_the_cache_ends_with_what_the_origin_has()
    {
        var populators = Enumerable.Range(0, 3).Select(_ => new Populator(server.Store, Policy with { Timeout = TimeSpan.FromSeconds(5) })).ToArray();
        var (origin, under, most) = ("", 0, 0);
        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => populators[i % 3].WriteThroughAsync(_key, Bytes($"{i}"), async (write, ct) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref under));
            await Task.Delay(TimeSpan.FromMilliseconds(i % 3), TimeProvider.System, ct);
            origin = Text(write.Value)!;
            Interlocked.Decrement(ref under);
            return OriginWriteAnswer.Accepted();
        }).AsTask()));
        Assert.Equal(1, most);
        Assert.All(results, r => Assert.Equal(WriteStatus.Written, r.Status));
        Assert.Equal(origin, (string?)await server.Database.StringGetAsync(Text(_key)));
    }

    [Fact]
    public async Task A_commit_that_lost_its_lease_removes_the_key_and_refuses_whoever_is_at_work_on_it()
    {
        using var slow = new Populator(server.Store, Policy);
        using var other = new Populator(server.Store, Policy);
        var loaded = new TaskCompletionSource<OriginAnswer>();
        Task<PopulationResult>? reader = null;
        var result = await slow.WriteThroughAsync(_key, Bytes("new"), async (_, _) =>
        {
            // What an eviction does; and then a loader comes that reads the origin before this write reaches it.
            await server.Database.KeyDeleteAsync(Text(new SiblingKeys(_key).Lease));
            var asked = new TaskCompletionSource();
            reader = other.GetOrLoadAsync(_key, async (_, _) =>
            {
                asked.SetResult();
                return await loaded.Task;
            }, CancellationToken.None).AsTask();
            await asked.Task;
            return OriginWriteAnswer.Accepted();
        });
        loaded.SetResult(OriginAnswer.Found(Bytes("old")));
        await reader!;
        Assert.Equal(WriteStatus.WrittenNotCached, result.Status);
        Assert.Equal(1, other.Counters.RefusedFills);
        Assert.False(await server.Database.KeyExistsAsync(Text(_key)));
    }

    [Theory]
    [InlineData("before begin")]
    [InlineData("after begin")]
    [InlineData("after origin")]
    [InlineData("before commit")]
    [InlineData("after commit")]
    public async Task A_writer_killed_at_any_step_leaves_no_old_value_behind_for_longer_than_its_lease(string step)
    {
        var never = new TaskCompletionSource();
        var origin = "old";
        await server.Database.StringSetAsync(Text(_key), "old", TimeSpan.FromHours(1));
        var store = new RedisStore(server.Database)
        {
            Before = s => (step == "before begin" && s == PopulationScripts.BeginWrite) || (step == "before commit" && s == PopulationScripts.CommitWrite) ? never.Task : Task.CompletedTask,
            After = s => (step == "after begin" && s == PopulationScripts.BeginWrite) || (step == "after commit" && s == PopulationScripts.CommitWrite) ? never.Task : Task.CompletedTask,
        };
        using var killed = new Populator(store, Policy);
        var reached = new TaskCompletionSource();
        _ = killed.WriteThroughAsync(_key, Bytes("new"), async (write, _) =>
        {
            origin = Text(write.Value)!;
            reached.TrySetResult();
            if (step == "after origin")
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None);
            return OriginWriteAnswer.Accepted();
        }).AsTask();
        if (step is "before begin" or "after begin")
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken.None);
        else
            await reached.Task;

        using var reader = new Populator(server.Store, Policy);
        var after = Policy.Lease + TimeSpan.FromMilliseconds(200);
        await Task.Delay(after, TimeProvider.System, CancellationToken.None);
        var result = await reader.GetOrLoadAsync(_key, (_, _) => new(OriginAnswer.Found(Bytes(origin))));
        Assert.Equal(step.EndsWith("begin", StringComparison.Ordinal) ? "old" : "new", origin);
        Assert.Equal(origin, Text(result.Value));
    }

    [Fact]
    public async Task The_naive_way_leaves_the_old_value_when_its_writer_is_killed_after_the_origin()
    {
        await server.Database.StringSetAsync(Text(_key), "old", TimeSpan.FromHours(1));
        var origin = "new";
        // ... and here it dies, before its SET. The control: what the protocol's tests above would find without it.
        await Task.Delay(Policy.Lease, TimeProvider.System, CancellationToken.None);
        Assert.NotEqual(origin, (string?)await server.Database.StringGetAsync(Text(_key)));
    }

    [Fact]
    public async Task Replicas_that_are_missing_are_told_and_the_write_stands()
    {
        using var populator = new Populator(server.Store, Policy with { WaitReplicas = 1, WaitReplicasTimeout = TimeSpan.FromMilliseconds(50) });
        var result = await populator.WriteThroughAsync(_key, Bytes("v"), (_, _) => new(OriginWriteAnswer.Accepted()));
        Assert.Equal((WriteStatus.Written, 0, "written, but only 0 of 1 replicas have it"), (result.Status, result.Replicas, result.Error));
    }
}
