using RedisTopology.Core.Topology;
using RedisTopology.Operator.Slots;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>The operator dies at each command of a move, and another goes on. Servers die in the middle of a slot.</summary>
public sealed class MoverCrashTests
{
    private static readonly SlotSet Two = SlotSet.Of(new SlotRange(200, 201));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_at_any_command_nothing_is_lost(bool sent)
    {
        await using var world = await SlotWorld.CreateAsync(3);
        var slots = SlotSet.Of(new SlotRange(200, 205));
        // Two full slots, one of them with more keys than a batch; the rest is empty but for what the writer puts there now and then.
        for (var i = 0; i < 50; i++)
        {
            await world.Nodes[0].ExecuteAsync("SET", SlotWorld.KeyIn(200, -i), "v");
            if (i < 3)
                await world.Nodes[0].ExecuteAsync("SET", SlotWorld.KeyIn(203, -i), "v");
        }

        await using var writer = await UniqueWriter.StartAsync(world, Two, most: 60);
        var (from, to, kills) = (world.Nodes[0], world.Nodes[1], 0);
        for (var at = 1; ; at++)
        {
            var commands = new FaultyCommands(await world.SessionAsync(), at, sent, c => c is not "MEMORY");
            var refused = false;
            try
            {
                await world.RunAsync(from, to, slots, commands, TimeSpan.FromSeconds(20));
            }
            catch (FaultyCommands.KilledException)
            {
                kills++;
            }
            catch (SlotMoveException)
            {
                // A server missed its time before it came to the kill: once more.
                refused = true;
                at--;
            }

            await world.RunToEndAsync(from, to, slots);
            await world.AssertOwnerAsync(slots, to);
            for (var i = 0; i < 50; i++)
                Assert.Equal("v", await to.ExecuteAsync("GET", SlotWorld.KeyIn(200, -i)));
            (from, to) = (to, from);
            if (!commands.Killed && !refused)
                break;
        }

        Assert.InRange(kills, 20, 1000);
        Assert.Empty(await writer.StopAndCheckAsync());
        Assert.Equal(0, writer.Nils);
    }

    [Fact]
    public async Task A_source_that_fails_over_in_the_middle_is_armed_again()
    {
        await using var world = await SlotWorld.CreateAsync(3, replicas: 1, nodeTimeoutMilliseconds: 1000);
        var (source, target, heir) = (world.Nodes[0], world.Nodes[1], world.Nodes[3]);
        await FillAsync(source);
        await HalfAsync(world, source, target);
        await TestRedisCluster.CatchUpAsync(source, heir);

        await source.KillAsync();
        await Eventually.ThatAsync(() => TestRedisCluster.IsMasterAsync(heir), m => m, TimeSpan.FromSeconds(20), ct: Ct);
        await Eventually.ThatAsync(() => SlotWorld.LookAsync(heir), s => s!.ClusterOk, TimeSpan.FromSeconds(20), ct: Ct);

        // What makes it urgent: the new master does not know that the slot was open, and tells of keys which were moved that they do not exist.
        var moved = Enumerable.Range(0, 300).Select(i => SlotWorld.KeyIn(200, i)).ToList();
        var nils = 0;
        foreach (var key in moved)
            nils += await heir.ExecuteAsync("GET", key) is null ? 1 : 0;
        Assert.InRange(nils, 1, 299);

        await world.RunToEndAsync(heir, target, Two);
        await world.AssertOwnerAsync(Two, target, except: source);
        await AssertAllAsync(target);
    }

    [Fact]
    public async Task A_target_that_fails_over_in_the_middle_is_armed_again()
    {
        await using var world = await SlotWorld.CreateAsync(3, replicas: 1, nodeTimeoutMilliseconds: 1000);
        var (source, target, heir) = (world.Nodes[0], world.Nodes[1], world.Nodes[3]);
        await heir.ExecuteAsync("CLUSTER", "REPLICATE", (await world.RefAsync(target)).Id);
        await Eventually.ThatAsync(async () => (string)(await heir.ExecuteAsync("INFO", "replication"))!, i => i.Contains($"master_port:{target.Port}\r\nmaster_link_status:up", StringComparison.Ordinal), TimeSpan.FromSeconds(20), ct: Ct);
        await FillAsync(source);
        await HalfAsync(world, source, target);
        await TestRedisCluster.CatchUpAsync(target, heir);

        await target.KillAsync();
        await Eventually.ThatAsync(() => TestRedisCluster.IsMasterAsync(heir), m => m, TimeSpan.FromSeconds(20), ct: Ct);
        // The source must have heard of the successor: it refuses to open a slot to a replica.
        var id = (await world.RefAsync(heir)).Id;
        await Eventually.ThatAsync(() => SlotWorld.LookAsync(source), s => s!.Peer(id)!.Role == NodeRole.Master, TimeSpan.FromSeconds(20), ct: Ct);

        await world.RunToEndAsync(source, heir, Two);
        await world.AssertOwnerAsync(Two, heir, except: target);
        await AssertAllAsync(heir);
    }

    private static async Task FillAsync(RedisProcess source)
    {
        for (var i = 0; i < 300; i++)
            await source.ExecuteAsync("SET", SlotWorld.KeyIn(200, i), "v" + i);
    }

    /// <summary>Moves some of the keys of the slot, and dies.</summary>
    private static async Task HalfAsync(SlotWorld world, RedisProcess source, RedisProcess target)
    {
        var commands = new FaultyCommands(await world.SessionAsync(), 4, sent: true, c => c == "MIGRATE");
        await Assert.ThrowsAsync<FaultyCommands.KilledException>(() => world.RunAsync(source, target, Two, commands, slice: TimeSpan.FromSeconds(30)));
        Assert.Equal([200], (await SlotWorld.LookAsync(source))!.OpenSlots.Where(o => o.Slot == 200).Select(o => o.Slot));
        Assert.InRange((long)(await target.ExecuteAsync("DBSIZE"))!, 1, 299);
    }

    private static async Task AssertAllAsync(RedisProcess owner)
    {
        for (var i = 0; i < 300; i++)
            Assert.Equal("v" + i, await owner.ExecuteAsync("GET", SlotWorld.KeyIn(200, i)));
    }
}
