using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Sidecar.Topology;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Commands;

public sealed class ScanWalkTests
{
    // Number.MAX_SAFE_INTEGER: node-redis 4, node-resque and other clients make a number of a cursor.
    private const ulong JavaScriptMax = (1UL << 53) - 1;

    [Fact]
    public void Nothing_is_missed_and_nothing_comes_twice_while_nothing_moves()
    {
        var keys = Keys(500);
        var shards = new SimulatedShards(new(1), 3, keys);
        var walk = new ScanWalk(Moves(new FakeTimeProvider(), shards));
        var found = Walk(shards, () => walk, new(2), happen: false);
        Assert.Equal(keys.Order(), found.Order());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    public void Nothing_is_missed_while_slots_move_and_replicas_are_promoted(int seed)
    {
        for (var s = seed; s < seed + 30; s++)
        {
            var random = new Random(s);
            var keys = Keys(random.Next(20, 120));
            var shards = new SimulatedShards(random, random.Next(2, 6), keys);
            var time = new FakeTimeProvider();
            var walk = new ScanWalk(Moves(time, shards));
            var found = Walk(shards, () => walk, random, happen: true, time);
            var missed = keys.Except(found).ToArray();
            Assert.True(missed.Length == 0, $"seed {s}: missed {string.Join(' ', missed)}");
        }
    }

    [Fact]
    public void A_slot_that_goes_away_and_comes_back_unseen_is_not_missed()
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var keys = Keys(100);
            var shards = new SimulatedShards(new(seed), 3, keys);
            var walk = new ScanWalk(Moves(new FakeTimeProvider(), shards));
            var (cursor, found) = (0UL, new HashSet<string>());
            void Take()
            {
                var step = Step(walk, shards, cursor);
                found.UnionWith(step.Keys);
                cursor = step.Cursor;
            }

            // The first server has been scanned. A slot of another is there while that one is, and back before anybody looks.
            var first = walk.Next(0, shards.Map).Node!;
            do
                Take();
            while (walk.Next(cursor, shards.Map).Node == first);
            var slot = RedisTopology.Core.Hashing.HashSlot.Of(keys.First(k => shards.Map.Of(RedisTopology.Core.Hashing.HashSlot.Of(k))!.Master != first));
            var owner = shards.Map.Of(slot)!.Master!;
            shards.Move(slot, first);
            while (!walk.Next(cursor, shards.Map).IsLast)
                Take();
            shards.Move(slot, owner);
            Assert.NotEmpty(keys.Except(found));
            do
                Take();
            while (cursor != 0);
            Assert.Empty(keys.Except(found));
        }
    }

    [Fact]
    public void Several_sidecars_can_share_a_scan()
    {
        for (var seed = 0; seed < 15; seed++)
        {
            var random = new Random(seed);
            var keys = Keys(60);
            var shards = new SimulatedShards(random, 3, keys);
            var time = new FakeTimeProvider();
            var walks = new[] { new ScanWalk(Moves(time, shards)), new ScanWalk(Moves(time, shards)) };
            // In turns of several steps: a pass after moved slots is known to one of them only, and begins anew at the other.
            var steps = 0;
            Assert.Empty(keys.Except(Walk(shards, () => walks[steps++ / 40 % 2], random, happen: true, time)));
        }
    }

    [Fact]
    public void A_cursor_can_be_sent_twice()
    {
        var shards = new SimulatedShards(new(1), 3, Keys(100));
        var walk = new ScanWalk(Moves(new FakeTimeProvider(), shards));
        var first = Step(walk, shards, 0);
        Assert.Equal(Step(walk, shards, first.Cursor).Keys, Step(walk, shards, first.Cursor).Keys);
    }

    [Fact]
    public void A_cursor_that_does_not_fit_is_remembered()
    {
        var shards = new SimulatedShards(new(1), 1, []);
        var walk = new ScanWalk(Moves(new FakeTimeProvider(), shards));
        var output = new ArrayBufferWriter<byte>();
        walk.WriteReply(walk.Next(0, shards.Map), Encoding.ASCII.GetBytes("*2\r\n$19\r\n1152921504606846976\r\n*0\r\n"), shards.Map, output);
        var cursor = ulong.Parse(Reply.Parse(output.WrittenSpan).Array[0].Text!, CultureInfo.InvariantCulture);
        Assert.InRange(cursor, 1UL, 99_999_999_999_999UL);
        Assert.Equal(1152921504606846976UL, walk.Next(cursor, shards.Map).ServerCursor);
    }

    [Theory]
    [InlineData(0, 1, 0UL)]
    [InlineData(2047, 1023, (1UL << 25) - 1)]
    [InlineData(2047, 1023, (1UL << 31) - 1)]
    [InlineData(1, 1, 1UL << 25)]
    [InlineData(77, 512, 123456789UL)]
    public void Cursors_are_read_as_they_were_written(int start, int tag, ulong server)
    {
        var cursor = new ScanCursor(start, tag, server);
        Assert.True(cursor.Fits);
        Assert.InRange(cursor.Encode(), 1UL, JavaScriptMax);
        Assert.Equal(cursor, ScanCursor.Decode(cursor.Encode()));
        Assert.True(ScanCursor.IsCursor(cursor.Encode()) && !ScanCursor.IsToken(cursor.Encode()));
        // Lua writes no more than 14 digits.
        Assert.Equal(server < 1 << 25, cursor.Encode() < 100_000_000_000_000);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("9223372036854775807", true)]
    [InlineData("9223372036854775808", false)]
    [InlineData("-1", false)]
    [InlineData("1x", false)]
    [InlineData("", false)]
    public void Only_numbers_are_cursors(string text, bool valid) => Assert.Equal(valid, ScanCursor.TryParse(Encoding.ASCII.GetBytes(text), out _));

    /// <summary>One of an earlier version, or that a client has rounded: keys come again, and none is missed.</summary>
    [Fact]
    public void A_cursor_that_was_never_given_begins_anew()
    {
        var shards = new SimulatedShards(new(1), 3, []);
        var walk = new ScanWalk(Moves(new FakeTimeProvider(), shards));
        foreach (var cursor in (ulong[])[4420914153938485248, 100_000_000_000_000, ScanCursor.FirstToken])
        {
            var (first, old) = (walk.Next(0, shards.Map), walk.Next(cursor, shards.Map));
            Assert.Same(first.Node, old.Node);
            Assert.Equal(0UL, old.ServerCursor);
        }
    }

    [Fact]
    public void The_time_of_a_scan_survives_its_cursor()
    {
        var now = new DateTimeOffset(2026, 11, 23, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        foreach (var age in new[] { 0L, ScanCursor.Unit - 1, ScanCursor.Unit, 60_000, 17 * 3_600_000L })
            Assert.InRange(new ScanCursor(ScanCursor.StartOf(now - age), 1, 0).StartedAt(now), now - age - ScanCursor.Unit, now - age);
    }

    [Fact]
    public void Without_a_master_there_is_nobody_to_ask()
    {
        var step = new ScanWalk(new(TimeProvider.System)).Next(0, ClusterMap.Empty);
        Assert.Null(step.Node);
        Assert.False(step.IsLast);
    }

    [Fact]
    public async Task Real_servers_are_scanned_while_a_slot_moves_between_them()
    {
        await using var cluster = await LocalCluster.StartAsync(2);
        using RawClient one = new(cluster.Masters[0].Port), two = new(cluster.Masters[1].Port);
        Node[] nodes = [Node(0), Node(1)];
        var slots = new Shard?[16384];
        Shard[] shards = [new(0, nodes[0], []), new(1, nodes[1], [])];
        for (var slot = 0; slot < slots.Length; slot++)
            slots[slot] = shards[slot / 8192];
        var map = new ClusterMap(1, shards, slots);
        var keys = Keys(400);
        foreach (var key in keys)
            (RedisTopology.Core.Hashing.HashSlot.Of(key) < 8192 ? one : two).Must("SET", key, "1");
        var walk = new ScanWalk(new(TimeProvider.System));
        var (cursor, found) = (0UL, new HashSet<string>());

        // The first server has been scanned, and then takes a slot of the other that holds a key.
        do
            Take(ref cursor);
        while (walk.Next(cursor, map).Node is { } at && at == walk.Next(0, map).Node);
        var scanned = walk.Next(0, map).Node!;
        var (to, from) = scanned == nodes[0] ? (one, two) : (two, one);
        var moved = keys.First(k => (RedisTopology.Core.Hashing.HashSlot.Of(k) < 8192) != (scanned == nodes[0]));
        var number = RedisTopology.Core.Hashing.HashSlot.Of(moved).ToString(CultureInfo.InvariantCulture);
        to.Must("CLUSTER", "SETSLOT", number, "IMPORTING", from.Must("CLUSTER", "MYID").Text!);
        from.Must("CLUSTER", "SETSLOT", number, "MIGRATING", to.Must("CLUSTER", "MYID").Text!);
        from.Must("MIGRATE", "127.0.0.1", cluster.Masters[scanned == nodes[0] ? 0 : 1].Port.ToString(CultureInfo.InvariantCulture), moved, "0", "5000");
        while (cursor != 0)
            Take(ref cursor);
        Assert.Empty(keys.Except(found));

        Node Node(int index) => new(index, "127.0.0.1", new(System.Net.IPAddress.Loopback, cluster.Masters[index].Port));
        void Take(ref ulong cursor)
        {
            var step = walk.Next(cursor, map);
            var output = new ArrayBufferWriter<byte>();
            if (step.IsLast)
            {
                walk.Finish(step, nodes.Select((n, i) => (n, (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes((i == 0 ? one : two).Must("CLUSTER", "NODES").Text!))), map, output);
            }
            else
            {
                var request = new ArrayBufferWriter<byte>();
                ScanWalk.WriteRequest(Request.Of($"SCAN {cursor} COUNT 20").Arguments, step, request);
                var client = step.Node == nodes[0] ? one : two;
                client.Send(request.WrittenSpan);
                walk.WriteReply(step, client.Receive(), map, output);
            }

            var reply = Reply.Parse(output.WrittenSpan).Array;
            found.UnionWith(reply[1].Texts);
            cursor = ulong.Parse(reply[0].Text!, CultureInfo.InvariantCulture);
        }
    }

    private static string[] Keys(int count) => [.. Enumerable.Range(0, count).Select(i => $"key:{i}")];

    private static SlotMoves Moves(TimeProvider time, SimulatedShards shards)
    {
        var moves = new SlotMoves(time);
        moves.Observe(shards.Map);
        return moves;
    }

    private static List<string> Walk(SimulatedShards shards, Func<ScanWalk> sidecar, Random random, bool happen, FakeTimeProvider? time = null)
    {
        var found = new List<string>();
        ulong cursor = 0;
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < 20_000, "the scan does not end");
            var step = Step(sidecar(), shards, cursor);
            found.AddRange(step.Keys);
            cursor = step.Cursor;
            if (cursor == 0)
                return found;
            // Some day the resharding ends.
            for (var i = happen && steps < 300 ? random.Next(3) : 0; i > 0; i--)
                shards.Happen($"key:{random.Next(120)}");
            if (random.Next(8) == 0)
                shards.Refresh();
            time?.Advance(TimeSpan.FromMilliseconds(random.Next(2_000)));
        }
    }

    private static (ulong Cursor, string[] Keys) Step(ScanWalk walk, SimulatedShards shards, ulong cursor)
    {
        var step = walk.Next(cursor, shards.Map);
        var output = new ArrayBufferWriter<byte>();
        if (step.IsLast)
            walk.Finish(step, shards.Nodes.Select(n => (n, (ReadOnlyMemory<byte>)shards.ClusterNodes(n))), shards.Map, output);
        else
            walk.WriteReply(step, shards.Scan(step.Node!, step.ServerCursor, 5), shards.Map, output);
        var reply = Reply.Parse(output.WrittenSpan).Array;
        var next = ulong.Parse(reply[0].Text!, CultureInfo.InvariantCulture);
        Assert.InRange(next, 0UL, (ulong)long.MaxValue);
        return (next, reply[1].Texts);
    }
}
