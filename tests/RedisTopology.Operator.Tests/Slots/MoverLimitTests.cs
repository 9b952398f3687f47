using RedisTopology.Core.Topology;
using RedisTopology.Operator.Slots;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>What a move must not do: stop a server for too long, push out other keys, or fail without saying why.</summary>
public sealed class MoverLimitTests
{
    private static readonly SlotSet Three = SlotSet.Of(new SlotRange(300, 302));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_too_large_keeps_its_slot_closed_and_is_named()
    {
        // A quarter of a second at 25 MB/s: 6.25 MB.
        await using var world = await SlotWorld.CreateAsync(3, nodeTimeoutMilliseconds: 1000);
        var large = SlotWorld.KeyIn(301, 7);
        await world.Nodes[0].ExecuteAsync("SETRANGE", large, "8000000", "x");
        await world.Nodes[0].ExecuteAsync("SET", SlotWorld.KeyIn(301, 8), "small");
        await world.Nodes[0].ExecuteAsync("SETRANGE", SlotWorld.KeyIn(302, 1), "2000000", "x");
        await world.Nodes[0].ExecuteAsync("SET", SlotWorld.KeyIn(300, 1), "v");

        // All of it in one slice, also on a busy machine.
        await world.RunAsync(world.Nodes[0], world.Nodes[1], Three, slice: TimeSpan.FromSeconds(20));

        var blocked = Assert.Single(world.Blocks.At(TimeProvider.System.GetUtcNow()));
        Assert.Equal(301, blocked.Key);
        Assert.Contains($"\"{large}\"", blocked.Value, StringComparison.Ordinal);
        Assert.Contains("blog-x-0", blocked.Value, StringComparison.Ordinal);
        Assert.Contains("MB", blocked.Value, StringComparison.Ordinal);
        Assert.Empty(world.Blocks.At(TimeProvider.System.GetUtcNow() + SlotBlocks.Lasting + TimeSpan.FromSeconds(1)));
        await world.AssertOwnerAsync(SlotSet.Of(new SlotRange(300, 300), new SlotRange(302, 302)), world.Nodes[1]);
        await world.AssertOwnerAsync(SlotSet.Of(new SlotRange(301, 301)), world.Nodes[0]);
        Assert.Equal(2_000_001L, await world.Nodes[1].ExecuteAsync("STRLEN", SlotWorld.KeyIn(302, 1)));

        await world.Nodes[0].ExecuteAsync("DEL", large);
        await world.RunToEndAsync(world.Nodes[0], world.Nodes[1], Three);
        await world.AssertOwnerAsync(Three, world.Nodes[1]);
    }

    [Fact]
    public async Task A_key_that_became_too_large_in_an_open_slot_is_left_where_it_is_served()
    {
        await using var world = await SlotWorld.CreateAsync(3, nodeTimeoutMilliseconds: 1000);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        var large = SlotWorld.KeyIn(301, 7);
        await source.ExecuteAsync("SETRANGE", large, "8000000", "x");
        await target.ExecuteAsync("CLUSTER", "SETSLOT", "301", "IMPORTING", (await world.RefAsync(source)).Id);
        await source.ExecuteAsync("CLUSTER", "SETSLOT", "301", "MIGRATING", (await world.RefAsync(target)).Id);

        await world.RunAsync(source, target, Three, slice: TimeSpan.FromSeconds(20));

        Assert.Equal(301, Assert.Single(world.Blocks.At(TimeProvider.System.GetUtcNow())).Key);
        Assert.Equal(8_000_001L, await source.ExecuteAsync("STRLEN", large));
        await world.AssertOwnerAsync(SlotSet.Of(new SlotRange(300, 300), new SlotRange(302, 302)), target);
    }

    [Theory]
    [InlineData("noeviction")]
    [InlineData("allkeys-lru")]
    public async Task A_target_without_memory_is_named_and_keeps_its_keys(string policy)
    {
        await using var world = await SlotWorld.CreateAsync(3);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        for (var i = 0; i < 200; i++)
        {
            await source.ExecuteAsync("SETRANGE", SlotWorld.KeyIn(300, i), "40000", "x");
            await target.ExecuteAsync("SETRANGE", SlotWorld.KeyIn(6000, i), "10000", "x");
        }

        var used = (await SlotWorld.LookAsync(target))!.UsedMemory;
        await target.ExecuteAsync("CONFIG", "SET", "maxmemory-policy", policy);
        await target.ExecuteAsync("CONFIG", "SET", "maxmemory", $"{used + 3_000_000}");

        var refused = await Assert.ThrowsAsync<SlotMoveException>(() => world.RunToEndAsync(source, target, Three, patient: false));
        Assert.Contains("blog-x-1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("full", refused.Message, StringComparison.Ordinal);
        Assert.Contains("evicted_keys:0\r\n", (string)(await target.ExecuteAsync("INFO", "stats"))!, StringComparison.Ordinal);

        await target.ExecuteAsync("CONFIG", "SET", "maxmemory", "0");
        await world.RunToEndAsync(source, target, Three);
        Assert.Equal(400L, await target.ExecuteAsync("DBSIZE"));
    }

    [Fact]
    public async Task Keys_refused_by_the_target_are_told_with_its_reason_and_stay()
    {
        await using var world = await SlotWorld.CreateAsync(3);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        await source.ExecuteAsync("SET", SlotWorld.KeyIn(300, 1), "v");
        await target.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "1");

        var refused = await Assert.ThrowsAsync<SlotMoveException>(() => world.RunToEndAsync(source, target, Three, patient: false));
        Assert.Contains("blog-x-1 refuses keys of slot 300 from blog-x-0: NOREPLICAS", refused.Message, StringComparison.Ordinal);
        Assert.Equal("v", await source.ExecuteAsync("GET", SlotWorld.KeyIn(300, 1)));

        await target.ExecuteAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        await world.RunToEndAsync(source, target, Three);
        Assert.Equal("v", await target.ExecuteAsync("GET", SlotWorld.KeyIn(300, 1)));
    }

    [Fact]
    public async Task A_target_that_stands_still_is_told_and_does_not_stop_the_source_for_long()
    {
        await using var world = await SlotWorld.CreateAsync(3, nodeTimeoutMilliseconds: 4000);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        await source.ExecuteAsync("SET", SlotWorld.KeyIn(300, 1), "v");
        var move = await world.MoveAsync(source, target);
        await target.ExecuteAsync("CLUSTER", "SETSLOT", "300", "IMPORTING", move.Source.Id);
        await source.ExecuteAsync("CLUSTER", "SETSLOT", "300", "MIGRATING", move.Target.Id);
        target.Freeze();
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            var refused = await Assert.ThrowsAsync<SlotMoveException>(() => new KeyMover(move, world.Metrics, ["shop", "blog"]).MoveAsync(300, new([System.Text.Encoding.UTF8.GetBytes(SlotWorld.KeyIn(300, 1))]), 0));
            Assert.Contains("blog-x-0 cannot reach blog-x-1 to hand over slot 300: IOERR", refused.Message, StringComparison.Ordinal);
            Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(3));
        }
        finally
        {
            target.Resume();
        }

        // The target reads now what the source gave up on: the key is there twice, and the source's is the one that counts.
        await Eventually.ThatAsync(() => target.ExecuteAsync("DBSIZE"), n => n is 1L, TimeSpan.FromSeconds(10), ct: Ct);
        await source.ExecuteAsync("SET", SlotWorld.KeyIn(300, 1), "newer");
        await world.RunToEndAsync(source, target, Three);
        Assert.Equal("newer", await target.ExecuteAsync("GET", SlotWorld.KeyIn(300, 1)));
    }
}
