using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Reads of a slot whose keys are moved one by one, while <c>readFrom: Replica</c> sends reads to replicas, which know nothing of it.</summary>
public sealed class MovingSlotTests : IAsyncLifetime
{
    private const string Gone = "{moving}:gone", Kept = "{moving}:kept", Elsewhere = "elsewhere";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly string Slot = HashSlot.Of(Gone).ToString(CultureInfo.InvariantCulture);
    private readonly HttpClient _http = new();
    private LocalCluster _cluster = null!;
    private RedisProcess _source = null!, _target = null!, _replica = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Prerequisites.Program("redis-server", "redis-server");
        _cluster = await LocalCluster.StartAsync(2, 1, ct: Ct);
        var from = HashSlot.Of(Gone) < HashSlot.Count / 2 ? 0 : 1;
        (_source, _target, _replica) = (_cluster.Masters[from], _cluster.Masters[1 - from], _cluster.Replicas[from]);
        foreach (var key in new[] { Gone, Kept })
            await _source.ExecuteAsync("SET", key, key);
        await (HashSlot.Of(Elsewhere) < HashSlot.Count / 2 == (from == 0) ? _source : _target).ExecuteAsync("SET", Elsewhere, Elsewhere);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task A_slot_that_is_announced_is_read_from_masters_until_replicas_of_its_new_shard_have_it()
    {
        await using var sidecar = await SidecarProcess.StartAsync(_cluster.Seeds, ct: Ct);
        using var client = new RawClient(sidecar.Port);
        await AtReplicasAsync(sidecar, client);
        using (var announcement = new RawClient(_source.Port))
        {
            announcement.Must("SUBSCRIBE", "__redistopology:opening");
            announcement.Must("SUBSCRIBE", $"__redistopology:opening:{Slot}");
            await HeldAsync(sidecar, 1);
            await MoveOneAsync();
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal(Gone, client.Must("GET", Gone).Text);
                Assert.Equal(Kept, client.Must("GET", Kept).Text);
                Assert.Equal([Elsewhere, Gone], client.Must("MGET", Elsewhere, Gone).Texts);
            }

            await EndAsync();
            Assert.Equal(Gone, client.Must("GET", Gone).Text);
        }

        await HeldAsync(sidecar, 0);
        for (var i = 0; i < 50; i++)
            Assert.Equal([Gone, Kept], client.Must("MGET", Gone, Kept).Texts);
        await AtReplicasAsync(sidecar, client);
    }

    [Fact]
    public async Task An_announcement_that_ends_frees_slots_that_stay_where_they_are()
    {
        await using var sidecar = await SidecarProcess.StartAsync(_cluster.Seeds, ct: Ct);
        using var client = new RawClient(sidecar.Port);
        using (var announcement = new RawClient(_source.Port))
        {
            announcement.Must("SUBSCRIBE", "__redistopology:opening");
            announcement.Must("SUBSCRIBE", $"__redistopology:opening:{Slot},0-16383");
            // Those of the other shard are not the source's to announce.
            await HeldAsync(sidecar, HashSlot.Count / 2);
        }

        await HeldAsync(sidecar, 0);
        await AtReplicasAsync(sidecar, client);
    }

    [Fact]
    public async Task A_slot_that_is_open_already_is_seen_before_the_first_read_from_a_replica()
    {
        await MoveOneAsync();
        await using var sidecar = await SidecarProcess.StartAsync(_cluster.Seeds, ct: Ct);
        using var client = new RawClient(sidecar.Port);
        var wrong = 0;
        await Eventually.ThatAsync(
            () =>
            {
                wrong += client.Must("GET", Gone).Text == Gone ? 0 : 1;
                return MetricAsync(sidecar, "replica_in_sync{", " 1");
            },
            replicas => replicas == 2,
            Limit,
            ct: Ct);
        for (var i = 0; i < 50; i++)
            wrong += client.Must("GET", Gone).Text == Gone ? 0 : 1;
        Assert.Equal(0, wrong);
        await HeldAsync(sidecar, 1);
        await EndAsync();
        Assert.Equal(Gone, client.Must("GET", Gone).Text);
        await HeldAsync(sidecar, 0);
    }

    [Fact]
    public async Task A_slot_that_was_opened_without_an_announcement_is_known_once_a_client_was_sent_on()
    {
        await using var sidecar = await SidecarProcess.StartAsync(_cluster.Seeds, ["refresh: 10m"], ct: Ct);
        using var client = new RawClient(sidecar.Port);
        await AtReplicasAsync(sidecar, client);
        await HeldAsync(sidecar, 0);
        await MoveOneAsync();
        // The cause of it all. Valkey 8 and newer replicate the marks of open slots, and answer ASK.
        using var replica = new RawClient(_replica.Port);
        replica.Must("READONLY");
        Assert.True(replica.Must("GET", Gone).IsNull);
        client.Must("APPEND", Gone, "");
        await HeldAsync(sidecar, 1);
        Assert.Equal(Gone, client.Must("GET", Gone).Text);
    }

    /// <summary>Passed on while it arrives, it would have to be sent again by the client: the source has no such key, and answers ASK.</summary>
    [Fact]
    public async Task A_great_value_is_kept_while_its_slot_moves_as_far_as_there_is_room()
    {
        await MoveOneAsync();
        await using var sidecar = await SidecarProcess.StartAsync(_cluster.Seeds, ["failoverBufferBytes: 4Mi"], ct: Ct);
        using var client = new RawClient(sidecar.Port);
        await HeldAsync(sidecar, 1);
        Assert.Equal("OK", client.Call("SET", "{moving}:great", new string('v', 2 << 20)).Text);
        Assert.Equal(3L << 20, client.Call("APPEND", "{moving}:great", new string('v', 1 << 20)).Number);

        // There is room again once it has been answered, for one of three MiB, and for nothing besides.
        using var slow = new RawClient(sidecar.Port);
        var request = new Request("SET", "{moving}:slow", new string('v', 3 << 20)).Frame;
        slow.Send(request.Span[..(2 << 20)]);
        var refused = await Eventually.ThatAsync(() => Task.FromResult(client.Call("SET", "{moving}:great", new string('v', 2 << 20)).Text), text => text != "OK", Limit, ct: Ct);
        Assert.StartsWith("TRYAGAIN ", refused, StringComparison.Ordinal);
        slow.Send(request.Span[(2 << 20)..]);
        Assert.Equal("OK", Reply.Parse(slow.Receive()).Text);
        await Eventually.ThatAsync(() => Task.FromResult(client.Call("SET", "{moving}:great", new string('v', 2 << 20)).Text), text => text == "OK", Limit, ct: Ct);
        Assert.StartsWith("TRYAGAIN ", client.Call("SET", "{moving}:great", new string('v', 5 << 20)).Text, StringComparison.Ordinal);
        Assert.Equal((2L << 20, 3L << 20), (client.Must("STRLEN", "{moving}:great").Number, client.Must("STRLEN", "{moving}:slow").Number));
    }

    [Fact]
    public async Task Masters_without_replicas_are_asked_as_well()
    {
        await using var cluster = await LocalCluster.StartAsync(1, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: Ct);
        using (var announcement = new RawClient(cluster.Masters[0].Port))
        {
            announcement.Must("SUBSCRIBE", "__redistopology:opening");
            announcement.Must("SUBSCRIBE", "__redistopology:opening:1-3");
            await HeldAsync(sidecar, 3);
        }

        await HeldAsync(sidecar, 0);
    }

    /// <summary>Opens the slot, and moves one of its two keys.</summary>
    private async Task MoveOneAsync()
    {
        await _target.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "IMPORTING", await IdAsync(_source));
        await _source.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "MIGRATING", await IdAsync(_target));
        await MoveAsync(Gone);
        await Eventually.ThatAsync(async () => (await _source.ExecuteAsync("DBSIZE"), await _replica.ExecuteAsync("DBSIZE")), sizes => Equals(sizes.Item1, sizes.Item2), Limit, ct: Ct);
    }

    private async Task EndAsync()
    {
        await MoveAsync(Kept);
        await _target.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "NODE", await IdAsync(_target));
        await _source.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "NODE", await IdAsync(_target));
    }

    private Task<object?> MoveAsync(string key) => _source.ExecuteAsync("MIGRATE", "127.0.0.1", _target.Port.ToString(CultureInfo.InvariantCulture), key, "0", "5000");

    private static async Task<string> IdAsync(RedisProcess node) => (string)(await node.ExecuteAsync("CLUSTER", "MYID"))!;

    /// <summary>Waits until reads of the slot go to a replica.</summary>
    private async Task AtReplicasAsync(SidecarProcess sidecar, RawClient client) => await Eventually.ThatAsync(
        async () =>
        {
            var before = await MetricAsync(sidecar, "replica_reads_total", null);
            client.Must("GET", Gone);
            return await MetricAsync(sidecar, "replica_reads_total", null) - before;
        },
        reads => reads > 0,
        Limit,
        ct: Ct);

    private Task<long> HeldAsync(SidecarProcess sidecar, int slots) => Eventually.ThatAsync(() => MetricAsync(sidecar, "topology_slots_read_from_masters", null), held => held == slots, Limit, ct: Ct);

    /// <summary>The value of a metric; or how many of its samples end in a text.</summary>
    private async Task<long> MetricAsync(SidecarProcess sidecar, string name, string? end)
    {
        var page = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{sidecar.AdminPort}/metrics"), Ct);
        var lines = page.Split('\n').Where(l => l.StartsWith($"redis_topology_sidecar_{name}", StringComparison.Ordinal)).ToList();
        return end is null ? long.Parse(Assert.Single(lines).Split(' ')[^1], CultureInfo.InvariantCulture) : lines.Count(l => l.EndsWith(end, StringComparison.Ordinal));
    }
}
