using RedisTopology.Core.Topology;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>Slots handed over key by key, on real servers, while clients read and write.</summary>
public sealed class SlotMoverTests
{
    private static readonly SlotSet Some = SlotSet.Of(new SlotRange(100, 299));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_lost_while_slots_move_under_writes()
    {
        await using var world = await SlotWorld.CreateAsync(3);
        await using var writer = await UniqueWriter.StartAsync(world, Some);
        await Eventually.ThatAsync(() => Task.FromResult(writer.Written), w => w > 3000, TimeSpan.FromSeconds(20), ct: Ct);

        await world.RunToEndAsync(world.Nodes[0], world.Nodes[1], Some);
        var moved = world.Progress.Keys;
        await world.RunToEndAsync(world.Nodes[1], world.Nodes[2], Some);

        var lost = await writer.StopAndCheckAsync();
        Assert.Empty(lost);
        Assert.Equal(0, writer.Nils);
        Assert.Empty(writer.Failures);
        Assert.True(moved > 3000, $"{moved} keys were moved");
        Assert.Equal(400, world.Progress.Slots);
        await world.AssertOwnerAsync(Some, world.Nodes[2]);
    }

    [Fact]
    public async Task Thousands_of_empty_slots_are_handed_over_together()
    {
        await using var world = await SlotWorld.CreateAsync(3);
        var all = (await SlotWorld.LookAsync(world.Nodes[0]))!.Slots;
        await world.Nodes[0].ExecuteAsync("SET", SlotWorld.KeyIn(5000, 1), "v");
        var started = TimeProvider.System.GetTimestamp();
        await world.RunToEndAsync(world.Nodes[0], world.Nodes[1], all);
        var took = TimeProvider.System.GetElapsedTime(started);
        TestContext.Current.SendDiagnosticMessage($"{all.Count} slots in {took.TotalMilliseconds:0} ms");
        // One by one they would take minutes; how long together is for the benchmarks.
        Assert.True(took < TimeSpan.FromSeconds(45), $"{took}");
        await world.AssertOwnerAsync(all, world.Nodes[1]);
        Assert.Equal("v", await world.Nodes[1].ExecuteAsync("GET", SlotWorld.KeyIn(5000, 1)));
    }

    [Fact]
    public async Task A_target_that_has_not_heard_who_owns_a_slot_is_told()
    {
        await using var world = await SlotWorld.CreateAsync(3);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        await source.ExecuteAsync("SET", SlotWorld.KeyIn(100, 1), "v");
        var id = (await world.RefAsync(source)).Id;

        // As a master that has just joined: it knows nobody for the slot, and because it is marked it learns nothing of it from gossip.
        await Eventually.ThatAsync(
            async () =>
            {
                await target.ExecuteAsync("CLUSTER", "DELSLOTS", "100");
                await target.ExecuteAsync("CLUSTER", "SETSLOT", "100", "IMPORTING", id);
                return (await SlotWorld.LookAsync(target))!.Peer(id)!.Slots.Contains(100);
            },
            knows => !knows,
            TimeSpan.FromSeconds(10),
            ct: Ct);

        await world.RunToEndAsync(source, target, SlotSet.Of(new SlotRange(100, 101)));
        await world.AssertOwnerAsync(SlotSet.Of(new SlotRange(100, 101)), target);
        Assert.Equal("v", await target.ExecuteAsync("GET", SlotWorld.KeyIn(100, 1)));
    }
}
