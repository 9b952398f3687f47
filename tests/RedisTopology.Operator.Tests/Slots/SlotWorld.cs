using System.Globalization;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Slots;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>A cluster of real servers, and what the operator needs to move slots in it.</summary>
internal sealed class SlotWorld : IAsyncDisposable
{
    private static readonly ResourceNames Names = new("blog");
    private readonly RedisConnections _connections = new();

    private SlotWorld(TestRedisCluster cluster) => Cluster = cluster;

    public TestRedisCluster Cluster { get; }

    public IReadOnlyList<RedisProcess> Nodes => Cluster.Nodes;

    public SlotBlocks Blocks { get; } = new();

    public MoveProgress Progress { get; } = new("a", "b");

    public ClusterMetrics Metrics { get; } = new(Prometheus.Metrics.NewCustomRegistry());

    public TimeSpan NodeTimeout { get; private init; }

    public static async Task<SlotWorld> CreateAsync(int masters, int replicas = 0, int nodeTimeoutMilliseconds = 5000, string? binary = null, params string[] config) =>
        new(await TestRedisCluster.FormAsync(masters, replicas, nodeTimeoutMilliseconds, binary: binary, config: config)) { NodeTimeout = TimeSpan.FromMilliseconds(nodeTimeoutMilliseconds) };

    public async Task<NodeRef> RefAsync(RedisProcess node) => new($"blog-x-{Nodes.ToList().IndexOf(node)}", (string)(await node.ExecuteAsync("CLUSTER", "MYID"))!, node.Endpoint);

    public async Task<IRedisCommands> SessionAsync() => (await PooledAsync()).Patient(NodeTimeout + TimeSpan.FromSeconds(1));

    public Task<RedisSession> PooledAsync() => _connections.OpenAsync(new ObjectKey("shop", "blog"), TestRedisCluster.Password, null, [.. Nodes.Select(n => (n.Endpoint, "c"))]);

    public async Task<SlotMove> MoveAsync(RedisProcess source, RedisProcess target, IRedisCommands? servers = null) =>
        new(await RefAsync(source), await RefAsync(target), servers ?? await SessionAsync(), NodeTimeout, Progress, Blocks);

    /// <summary>One slice of moving.</summary>
    public async Task RunAsync(RedisProcess source, RedisProcess target, SlotSet slots, IRedisCommands? servers = null, TimeSpan? slice = null, CancellationToken ct = default)
    {
        var move = await MoveAsync(source, target, servers);
        List<OpenSlot> open = [.. (await LookAsync(source))!.OpenSlots, .. (await LookAsync(target))!.OpenSlots];
        var until = TimeProvider.System.GetUtcNow() + (slice ?? TimeSpan.FromSeconds(1));
        await new SlotMover(move, new KeyMover(move, Metrics, ["shop", "blog"]), TimeProvider.System).RunAsync(slots, open, until, ct);
    }

    /// <summary>Slices until the source owns none of the slots. One that fails, as when a busy machine lets a server miss its time, is tried again, as the operator would at its next look.</summary>
    public async Task RunToEndAsync(RedisProcess source, RedisProcess target, SlotSet slots, bool patient = true)
    {
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        while (await RestAsync(source, target, slots) is { IsEmpty: false } rest)
        {
            Assert.True(time.GetElapsedTime(started) < TimeSpan.FromSeconds(120), $"still not moved: {rest}");
            try
            {
                await RunAsync(source, target, rest);
            }
            catch (SlotMoveException) when (patient && time.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
            {
                continue;
            }
        }
    }

    /// <summary>The slots that the source still owns, or that are open.</summary>
    private static async Task<SlotSet> RestAsync(RedisProcess source, RedisProcess target, SlotSet slots)
    {
        var (from, to) = ((await LookAsync(source))!, (await LookAsync(target))!);
        var open = SlotSet.Of(from.OpenSlots.Concat(to.OpenSlots).Select(o => new SlotRange(o.Slot, o.Slot)));
        return from.Slots.Union(open).Intersect(slots);
    }

    /// <summary>A server as the observer sees it; null when it does not answer.</summary>
    public static async Task<ObservedNode?> LookAsync(RedisProcess node)
    {
        try
        {
            var (seen, _) = NodeParser.Parse(
                (string)(await node.ExecuteAsync("CLUSTER", "NODES"))!, (string)(await node.ExecuteAsync("INFO"))!, (string)(await node.ExecuteAsync("CLUSTER", "INFO"))!, Names, "shop");
            return seen;
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException or TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Who owns a slot in everyone's eyes, once they agree.</summary>
    public async Task AssertOwnerAsync(SlotSet slots, RedisProcess owner, params RedisProcess[] except)
    {
        var id = (await RefAsync(owner)).Id;
        foreach (var node in Nodes.Except(except))
        {
            try
            {
                await Eventually.ThatAsync(
                    () => LookAsync(node),
                    seen => seen is not null && (seen.Id == id ? seen.Slots : seen.Peer(id)!.Slots).Intersect(slots).Equals(slots) && seen.OpenSlots.All(o => !slots.Contains(o.Slot)),
                    TimeSpan.FromSeconds(10),
                    describe: _ => "",
                    ct: TestContext.Current.CancellationToken);
            }
            catch (EventuallyException e)
            {
                throw new EventuallyException($"{e.Message}{id} is to own {slots}.\n{await ViewsAsync(slots)}", e);
            }
        }
    }

    /// <summary>Who owns some slots in the eyes of each server, for a person to read.</summary>
    private async Task<string> ViewsAsync(SlotSet slots)
    {
        var lines = new List<string>();
        foreach (var node in Nodes)
        {
            if (await LookAsync(node) is not { } seen)
                continue;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{seen.Id}, epoch {seen.ConfigEpoch} of {seen.CurrentEpoch}, owns {seen.Slots.Intersect(slots)}, open {string.Join(' ', seen.OpenSlots)}"));
            lines.AddRange(seen.Peers.Select(p => string.Create(CultureInfo.InvariantCulture, $"  holds {p.Id}, epoch {p.ConfigEpoch}, {p.Health}, to own {p.Slots.Intersect(slots)}")));
        }

        return string.Join('\n', lines);
    }

    /// <summary>A key that hashes to a slot.</summary>
    public static string KeyIn(int slot, int number) => string.Create(CultureInfo.InvariantCulture, $"{{{SlotTags.Of(slot)}}}:{number}");

    public async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
