using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Slots;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>Slots are announced on their source before the first of their keys is moved, for as long as the operator that moves them lives.</summary>
public sealed class MoveAnnouncementTests
{
    private static readonly SlotSet Two = SlotSet.Of(new SlotRange(300, 301));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_announced_is_known_until_it_is_taken_back_and_a_lost_announcement_is_made_anew()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Password = TestRedisCluster.Password }, Ct);
        await using var connections = new RedisConnections();
        var session = await connections.OpenAsync(new ObjectKey("shop", "blog"), TestRedisCluster.Password, null, [(server.Endpoint, "c")]);
        var time = new FakeTimeProvider();
        var announcements = new MoveAnnouncements(time);
        var source = new NodeRef("blog-x-0", "id", server.Endpoint);

        var (rest, ended) = await announcements.AnnounceAsync(source, Two, session);
        Assert.Equal(MoveAnnouncements.Notice, rest);
        await KnownAsync(server, 1, "300-301");
        time.Advance(MoveAnnouncements.Notice / 2);
        Assert.Equal(MoveAnnouncements.Notice / 2, (await announcements.AnnounceAsync(source, SlotSet.Of(new SlotRange(301, 301)), session)).Wait);
        time.Advance(MoveAnnouncements.Notice);
        Assert.Equal(TimeSpan.Zero, (await announcements.AnnounceAsync(source, Two, session)).Wait);
        await KnownAsync(server, 1, "300-301");

        // More of them: those are news.
        Assert.Equal(MoveAnnouncements.Notice, (await announcements.AnnounceAsync(source, SlotSet.Of(new SlotRange(300, 302)), session)).Wait);
        await KnownAsync(server, 1, "300-301", "302");
        time.Advance(MoveAnnouncements.Notice);

        Assert.False(ended.IsCancellationRequested);
        await server.ExecuteAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.ThatAsync(() => Task.FromResult(ended.IsCancellationRequested), e => e, TimeSpan.FromSeconds(20), ct: Ct);
        Assert.Equal(MoveAnnouncements.Notice, (await announcements.AnnounceAsync(source, Two, session)).Wait);
        await KnownAsync(server, 1, "300-301");

        announcements.Keep([source.Id]);
        await KnownAsync(server, 1, "300-301");
        announcements.Keep([]);
        await KnownAsync(server, 0);
    }

    [Fact]
    public async Task Slots_in_more_pieces_than_one_name_has_room_for_are_announced_in_several()
    {
        await using var server = await RedisProcess.StartAsync(ct: Ct);
        await using var connections = new RedisConnections();
        var session = await connections.OpenAsync(new ObjectKey("shop", "blog"), "", null, [(server.Endpoint, "c")]);
        var pieces = SlotSet.OfSlots(Enumerable.Range(0, 1001).Select(i => 2 * i));
        var announcements = new MoveAnnouncements(TimeProvider.System);
        await announcements.AnnounceAsync(new NodeRef("blog-x-0", "id", server.Endpoint), pieces, session);
        var names = await ChannelsAsync(server);
        Assert.Equal(3, names.Length);
        Assert.Equal(pieces, SlotSet.OfSlots(names.SelectMany(n => n.Split(',')).Select(s => int.Parse(s, System.Globalization.CultureInfo.InvariantCulture))));
        announcements.Keep([]);
    }

    [Fact]
    public async Task No_key_is_moved_before_its_slot_has_been_announced_for_long_enough()
    {
        await using var world = await SlotWorld.CreateAsync(3, replicas: 1);
        var source = world.Nodes[0];
        foreach (var slot in Two.Slots)
            await source.ExecuteAsync("SET", SlotWorld.KeyIn(slot, 1), "v");
        var state = new ClusterState();
        var started = TimeProvider.System.GetTimestamp();
        await PassAsync(world, state);
        await KnownAsync(source, 1, "300-301");
        while (await MovedAsync(source) == 0)
        {
            await PassAsync(world, state);
            Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60));
        }

        Assert.True(TimeProvider.System.GetElapsedTime(started) >= MoveAnnouncements.Notice);
        await KnownAsync(source, 1, "300-301");
        state.Announcements.Keep([]);
    }

    [Fact]
    public async Task What_is_half_way_is_finished_at_once_and_nothing_else_is_begun()
    {
        await using var world = await SlotWorld.CreateAsync(3, replicas: 1);
        var (source, target) = (world.Nodes[0], world.Nodes[1]);
        foreach (var slot in Two.Slots)
            await source.ExecuteAsync("SET", SlotWorld.KeyIn(slot, 1), "v");
        await target.ExecuteAsync("CLUSTER", "SETSLOT", "300", "IMPORTING", (await world.RefAsync(source)).Id);
        await source.ExecuteAsync("CLUSTER", "SETSLOT", "300", "MIGRATING", (await world.RefAsync(target)).Id);
        var state = new ClusterState();
        await PassAsync(world, state);
        await world.AssertOwnerAsync(SlotSet.Of(new SlotRange(300, 300)), target);
        Assert.Equal(1, await MovedAsync(source));
        Assert.Equal("v", await source.ExecuteAsync("GET", SlotWorld.KeyIn(301, 1)));
        state.Announcements.Keep([]);
    }

    [Fact]
    public async Task Without_replicas_nobody_is_waited_for()
    {
        await using var world = await SlotWorld.CreateAsync(3);
        await world.Nodes[0].ExecuteAsync("SET", SlotWorld.KeyIn(300, 1), "v");
        var state = new ClusterState();
        await PassAsync(world, state);
        Assert.Equal(1, await MovedAsync(world.Nodes[0]));
        state.Announcements.Keep([]);
    }

    /// <summary>One pass of the operator over a plan that has nothing but a move from the first server to the second.</summary>
    private static async Task PassAsync(SlotWorld world, ClusterState state)
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var pods = ImmutableArray.CreateBuilder<ObservedPod>();
        foreach (var node in world.Nodes)
            pods.Add(new ObservedPod { Name = (await world.RefAsync(node)).Pod, Shard = $"s{pods.Count}", Ordinal = 0, Address = node.Endpoint, Node = await SlotWorld.LookAsync(node) });
        var observed = new ObservedTopology { Pods = pods.ToImmutable() };
        var run = new StepRun(TestClusters.Of(TestClusters.Even), definition, [], observed, state, await world.PooledAsync(), Ct);
        var step = new PlanStep.MoveSlots(await world.RefAsync(world.Nodes[0]), await world.RefAsync(world.Nodes[1]), Two, SlotMigration.Keys);
        await new SlotSteps((_, _, _, _, _) => Task.CompletedTask, world.Metrics, TimeProvider.System).Do([step], run)!;
    }

    /// <summary>How many batches of keys a server has handed over.</summary>
    private static async Task<int> MovedAsync(RedisProcess node) =>
        ((string)(await node.ExecuteAsync("INFO", "commandstats"))!).Split("cmdstat_migrate:calls=").ElementAtOrDefault(1) is { } calls ? int.Parse(calls.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static async Task KnownAsync(RedisProcess server, long announcements, params string[] ranges)
    {
        await Eventually.ThatAsync(() => server.ExecuteAsync("PUBSUB", "NUMSUB", MoveChannel.Name), n => Equals(((object?[])n!)[1], announcements), TimeSpan.FromSeconds(20), ct: Ct);
        Assert.Equal(ranges, (await ChannelsAsync(server)).Order());
    }

    private static async Task<string[]> ChannelsAsync(RedisProcess server) =>
        [.. ((object?[])(await server.ExecuteAsync("PUBSUB", "CHANNELS", MoveChannel.Pattern))!).Select(n => ((string)n!)[(MoveChannel.Name.Length + 1)..])];
}
