using RedisTopology.Core.Topology;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Slots;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>Slots handed over by the engine itself: Valkey 9 on the source's word, Redis 8.4 on the target's.</summary>
public sealed class AtomicMoverTests
{
    private static readonly SlotSet Some = SlotSet.Of(new SlotRange(100, 299), new SlotRange(1000, 1010));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SlotMigration.FromSource)]
    [InlineData(SlotMigration.ToTarget)]
    public async Task Nothing_is_lost_under_writes(SlotMigration way)
    {
        await using var world = await CreateAsync(way);
        await using var writer = await UniqueWriter.StartAsync(world, Some);
        await Eventually.ThatAsync(() => Task.FromResult(writer.Written), w => w > 1000, TimeSpan.FromSeconds(20), ct: Ct);

        await MoveAsync(world, 0, 1, way, TimeSpan.FromSeconds(60));
        await world.AssertOwnerAsync(Some, world.Nodes[1]);
        await MoveAsync(world, 1, 0, way, TimeSpan.FromSeconds(60));
        await world.AssertOwnerAsync(Some, world.Nodes[0]);

        Assert.Empty(await writer.StopAndCheckAsync());
        Assert.Equal(0, writer.Nils);
        Assert.Equal(2 * Some.Count, world.Progress.Slots);
    }

    [Theory]
    [InlineData(SlotMigration.FromSource)]
    [InlineData(SlotMigration.ToTarget)]
    public async Task One_that_is_not_wanted_any_more_is_seen_and_ended(SlotMigration way)
    {
        await using var world = await CreateAsync(way);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        await source.ExecuteAsync("SET", SlotWorld.KeyIn(100, 1), "v");
        var ordered = way == SlotMigration.FromSource ? source : target;
        var id = (await world.RefAsync(ordered)).Id;
        var mover = await MoverAsync(world, 0, 1, way);
        (way == SlotMigration.FromSource ? target : source).Freeze();
        SlotMigrationJob job;
        try
        {
            await mover.RunAsync(Some, TimeProvider.System.GetUtcNow(), Ct);
            job = Assert.Single(await JobsAsync(world, ordered, way), j => j.State == JobState.Running).Job;
            Assert.Equal((id, Some), (way == SlotMigration.FromSource ? job.SourceId : job.TargetId, job.Slots));
            await (await world.SessionAsync()).ExecuteAsync(ordered.Endpoint, "CLUSTER", AtomicMover.Cancel(way, job.Id));
        }
        finally
        {
            (way == SlotMigration.FromSource ? target : source).Resume();
        }

        Assert.Equal(JobState.Cancelled, Assert.Single(await JobsAsync(world, ordered, way), j => j.Job.Id == job.Id).State);
        await world.AssertOwnerAsync(Some, source);
        Assert.Equal("v", await source.ExecuteAsync("GET", SlotWorld.KeyIn(100, 1)));
        await MoveAsync(world, 0, 1, way, TimeSpan.FromSeconds(60));
        Assert.Equal("v", await target.ExecuteAsync("GET", SlotWorld.KeyIn(100, 1)));
    }

    [Fact]
    public async Task One_that_fails_is_told_once_and_tried_again_later()
    {
        const SlotMigration Way = SlotMigration.FromSource;
        await using var world = await CreateAsync(Way);
        var source = world.Nodes[0];
        await source.ExecuteAsync("SET", SlotWorld.KeyIn(100, 1), "v");
        var news = new MigrationNews();
        news.Notice("blog-x-0", await JobsAsync(world, source, Way));
        // The other end refuses this password.
        await source.ExecuteAsync("CONFIG", "SET", "masterauth", "another");

        var refused = await Assert.ThrowsAsync<SlotMoveException>(() => MoveAsync(world, 0, 1, Way, TimeSpan.FromSeconds(20)));
        Assert.Contains("from blog-x-0 to blog-x-1 failed: Failed to AUTH", refused.Message, StringComparison.Ordinal);
        var jobs = (await JobsAsync(world, source, Way)).Length;
        var resting = await Assert.ThrowsAsync<SlotMoveException>(() => MoveAsync(world, 0, 1, Way, TimeSpan.FromSeconds(20)));
        Assert.Equal(refused.Message, resting.Message);
        Assert.Equal(jobs, (await JobsAsync(world, source, Way)).Length);

        news.Notice("blog-x-0", await JobsAsync(world, source, Way));
        news.Notice("blog-x-0", await JobsAsync(world, source, Way));
        Assert.True(news.TryTake(out var sentence));
        Assert.Contains("Failed to AUTH", sentence, StringComparison.Ordinal);
        Assert.False(news.TryTake(out _));
        Assert.Equal("v", await source.ExecuteAsync("GET", SlotWorld.KeyIn(100, 1)));
    }

    [Fact]
    public async Task A_source_that_refuses_is_told_while_the_engine_goes_on_trying()
    {
        const SlotMigration Way = SlotMigration.ToTarget;
        await using var world = await CreateAsync(Way);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        await source.ExecuteAsync("SET", SlotWorld.KeyIn(100, 1), "v");
        await source.ExecuteAsync("CLUSTER", "SETSLOT", "2000", "MIGRATING", (await world.RefAsync(target)).Id);
        await MoveAsync(world, 0, 1, Way, TimeSpan.FromSeconds(2));

        var news = new MigrationNews();
        var reports = await Eventually.ThatAsync(() => JobsAsync(world, target, Way), r => r.Any(j => j is { State: JobState.Running, Error: not null }), TimeSpan.FromSeconds(10), ct: Ct);
        news.Notice("blog-x-1", reports);
        Assert.True(news.TryTake(out var sentence));
        Assert.Contains("blog-x-1 says", sentence, StringComparison.Ordinal);

        await source.ExecuteAsync("CLUSTER", "SETSLOT", "2000", "STABLE");
        await world.AssertOwnerAsync(Some, target);
        Assert.Equal("v", await target.ExecuteAsync("GET", SlotWorld.KeyIn(100, 1)));
    }

    [Theory]
    [InlineData(SlotMigration.FromSource)]
    [InlineData(SlotMigration.ToTarget)]
    public async Task Key_by_key_works_there_too(SlotMigration way)
    {
        await using var world = await CreateAsync(way);
        await using var writer = await UniqueWriter.StartAsync(world, Some);
        await Eventually.ThatAsync(() => Task.FromResult(writer.Written), w => w > 500, TimeSpan.FromSeconds(20), ct: Ct);
        await world.RunToEndAsync(world.Nodes[0], world.Nodes[1], Some);
        Assert.Empty(await writer.StopAndCheckAsync());
        Assert.Equal(0, writer.Nils);
        await world.AssertOwnerAsync(Some, world.Nodes[1]);
    }

    private static async Task<SlotWorld> CreateAsync(SlotMigration way)
    {
        var binary = way == SlotMigration.FromSource ? Engines.Valkey9 : Engines.Redis8;
        Assert.SkipWhen(binary is null, $"no server that can migrate slots {way}: run tests/scripts/engines.sh as root");
        var world = await SlotWorld.CreateAsync(3, binary: binary);
        Assert.Equal(way, (await SlotWorld.LookAsync(world.Nodes[0]))!.Migration);
        return world;
    }

    private static async Task MoveAsync(SlotWorld world, int from, int to, SlotMigration way, TimeSpan slice) =>
        await (await MoverAsync(world, from, to, way)).RunAsync(Some, TimeProvider.System.GetUtcNow() + slice, Ct);

    private static async Task<AtomicMover> MoverAsync(SlotWorld world, int from, int to, SlotMigration way) =>
        new(await world.MoveAsync(world.Nodes[from], world.Nodes[to]), way, TimeProvider.System);

    private static async Task<JobReport[]> JobsAsync(SlotWorld world, RedisProcess node, SlotMigration way) =>
        [.. JobParser.Parse(await (await world.SessionAsync()).ExecuteAsync(node.Endpoint, "CLUSTER", JobParser.Question(way)), way)];
}
