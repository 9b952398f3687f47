using System.Text;
using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Tests.Engine;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Keys;

/// <summary>The sidecar before a KeyRange cluster of three masters, against one plain server: an application sees no tags, ever.</summary>
public sealed class KeyRangeClusterTests(KeyRangeClusterTests.World world) : IClassFixture<KeyRangeClusterTests.World>
{
    /// <summary>Ids 11 to 20 are tablet 1; ordinary keys are about anywhere.</summary>
    private static readonly string[][] Script =
    [
        .. Lines("""
            SET user:11 a
            GET user:11
            MSET user:11 a user:12 b cart:13:items c
            MGET user:11 user:12 cart:13:items user:99 news user:100000
            MSET user:1 1 user:50000 2 user:120000 3 news 4
            MGET user:1 user:50000 user:120000 news
            EXISTS user:1 user:50000 user:120000 nothing
            DEL user:1 user:50000 user:120000 news
            MSETNX user:11 a user:14 d
            MSETNX user:14 d user:15 e
            RENAME user:14 user:16
            COPY user:16 user:17
            OBJECT ENCODING user:17
            MEMORY USAGE user:none
            TYPE user:17
            APPEND user:17 xyz
            STRLEN user:17
            EXPIRE user:17 1000
            PERSIST user:17
            DBSIZE
            KEYS user:*
            KEYS *
            KEYS cart:13:*
            KEYS u[r-t]er:1?
            KEYS {*
            RPUSH user:18 1 2 3 4
            LMPOP 2 user:19 user:18 LEFT
            BLMPOP 1 2 user:19 user:18 LEFT COUNT 2
            BLPOP user:19 user:18 1
            BLPOP user:19 user:18 0.01
            ZADD user:18 1 a 2 b 3 c
            ZMPOP 1 user:18 MIN
            BZPOPMIN user:19 user:18 1
            BZMPOP 1 2 user:19 user:18 MAX
            XADD user:18 1-1 f v
            XADD cart:18:log 1-1 f v
            XREAD COUNT 1 STREAMS user:18 cart:18:log 0 0
            XREAD BLOCK 1000 STREAMS user:18 0
            XREAD STREAMS user:18 1-1
            XREADGROUP GROUP g c STREAMS user:18 >
            XPENDING user:18 g
            XGROUP CREATE user:18 g 0
            XREADGROUP GROUP g c STREAMS user:18 >
            XINFO GROUPS user:18
            XAUTOCLAIM user:18 h c 0 0
            RPUSH user:20 3 1 2
            SORT user:20 STORE user:11
            LRANGE user:11 0 -1
            EVAL return{KEYS[1],redis.call('get',KEYS[2])} 2 plain plain
            EVAL return(redis.call('get',KEYS[1])) 1 user:12
            COMMAND GETKEYS MSET user:1 1 user:2 2
            MULTI
            SET user:18 x
            DEL user:18
            RPUSH user:18 1 2
            LMPOP 1 user:18 LEFT
            DEL user:18
            XADD user:18 1-1 f v
            XREAD STREAMS user:18 0
            GET user:12
            EXEC
            SINTERSTORE user:19 user:13 user:14
            PFADD user:19 a b
            PFCOUNT user:19 user:15
            BITOP AND user:15 user:12 user:12
            GEOADD user:15 1 2 m
            DEL user:15
            GETSET user:12 z
            GETEX user:12 PERSIST
            GETDEL user:12
            WATCH user:12 user:13
            MULTI
            INCR user:12
            EXEC
            SET user:0012 leading
            GET user:0012
            GET user:12
            SET user:-5 negative
            SET user: none
            SET user:99999999999999999999 long
            KEYS user:*9*
            KEYS user:-*
            """),
        ["SET", "user:13", new string('v', 2_000_000)],
        ["STRLEN", "user:13"],
        ["GETRANGE", "user:13", "0", "3"],
        ["SET", "cart:13:great", new string('w', 1_100_000)],
        ["GET", "cart:13:great"],
        ["FLUSHALL"],
        ["RANDOMKEY"],
        ["SET", "user:16383", "only"],
        ["RANDOMKEY"],
    ];

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void Replies_are_those_of_one_server(string protocol)
    {
        world.Flush();
        using var through = world.Connect();
        using var straight = new RawClient(world.Plain.Port);
        straight.Must("FLUSHALL");
        _ = (through.Must("HELLO", protocol), straight.Must("HELLO", protocol));
        foreach (var command in Script)
        {
            var (expected, actual) = (straight.Raw(command), through.Raw(command));
            if (command[0] == "KEYS")
                (expected, actual) = (Sorted(expected), Sorted(actual));
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"{string.Join(' ', command.Select(Cut))}\none server: {Cut(Encoding.Latin1.GetString(expected))}\nsidecar:    {Cut(Encoding.Latin1.GetString(actual))}");
        }
    }

    [Fact]
    public void The_servers_hold_keys_with_their_tags_and_values_as_they_are()
    {
        world.Flush();
        using var client = world.Connect();
        foreach (var id in (int[])[11, 20, 21, 60_000, 163_840, 999_999_999])
        {
            client.Must("SET", $"user:{id}", $"value {id}");
            client.Must("SET", $"cart:{id}:a", "x");
            var slot = Math.Min((id - 1) / 10, 16383);
            var owner = world.Cluster.Masters.Single(m => Direct(m, "CLUSTER", "COUNTKEYSINSLOT", $"{slot}").Number > 0 && Direct(m, "GET", $"{{{SlotTags.TagOf(slot)}}}user:{id}").Text == $"value {id}");
            Assert.Equal(
                new[] { $"{{{SlotTags.TagOf(slot)}}}cart:{id}:a", $"{{{SlotTags.TagOf(slot)}}}user:{id}" },
                Direct(owner, "CLUSTER", "GETKEYSINSLOT", $"{slot}", "100").Texts.Where(k => k.Contains($":{id}", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        }

        client.Must("SET", "news", "plain");
        Assert.Single(world.Cluster.Masters, m => Direct(m, "GET", "news").Text == "plain");
    }

    [Fact]
    public void A_scan_shows_each_key_once_as_it_was_written()
    {
        world.Flush();
        using var client = world.Connect();
        string[] keys = [.. Enumerable.Range(0, 400).Select(i => $"user:{i * 400}"), .. Enumerable.Range(0, 50).Select(i => $"news:{i}")];
        client.Must(["MSET", .. keys.SelectMany(k => new[] { k, "1" })]);
        Assert.Equal(keys.Order(), Scan(client, "COUNT", "30").Order());
        Assert.Equal(keys.Where(k => k.StartsWith("user:1", StringComparison.Ordinal)).Order(), Scan(client, "MATCH", "user:1*", "COUNT", "100").Order());
        Assert.Equal(keys.Where(k => k.StartsWith("news", StringComparison.Ordinal)).Order(), Scan(client, "MATCH", "news:*").Order());
        Assert.Contains(client.Must("RANDOMKEY").Text, keys);
    }

    [Fact]
    public void Notifications_name_keys_as_they_were_written()
    {
        world.Flush();
        foreach (var master in world.Cluster.Masters)
            Direct(master, "CONFIG", "SET", "notify-keyspace-events", "KEA");
        using var events = world.Connect();
        using var writer = world.Connect();
        events.Send(new Request("PSUBSCRIBE", "__keyspace@0__:user:*", "__keyevent@0__:set").Frame.Span);
        Assert.Equal("__keyspace@0__:user:*", Reply.Parse(events.Receive()).Array[1].Text);
        Assert.Equal("__keyevent@0__:set", Reply.Parse(events.Receive()).Array[1].Text);
        var keys = Enumerable.Range(0, 60).Select(i => $"user:{(i * 2700) + 1}").ToArray();
        foreach (var key in keys)
        {
            writer.Must("SET", $"auser:{key}", "not asked for");
            writer.Must("SET", key, "1");
        }

        // One server tells, of its own keys: a third of them. Each set is told twice, once in either form.
        var told = Enumerable.Range(0, 20).Select(_ => Reply.Parse(events.Receive()).Texts).ToList();
        Assert.All(told, t => Assert.Equal("pmessage", t[0]));
        Assert.All(told.Where(t => t[1] == "__keyspace@0__:user:*"), t => Assert.Contains(t[2]["__keyspace@0__:".Length..], keys));
        Assert.All(told.Where(t => t[1] == "__keyevent@0__:set"), t => Assert.True(keys.Contains(t[3]) || t[3].StartsWith("auser:", StringComparison.Ordinal)));
        Assert.Equal(2, told.Select(t => t[1]).Distinct().Count());
        foreach (var master in world.Cluster.Masters)
            Direct(master, "CONFIG", "SET", "notify-keyspace-events", "");
    }

    [Fact]
    public void Keys_of_two_tablets_are_of_two_slots()
    {
        using var client = world.Connect();
        Assert.StartsWith("CROSSSLOT", client.Call("RENAME", "user:20", "user:21").Text!, StringComparison.Ordinal);
        Assert.StartsWith("CROSSSLOT", client.Call("SINTER", "user:20", "user:21").Text!, StringComparison.Ordinal);
    }

    [Fact]
    public void The_slow_log_shows_keys_as_they_were_written()
    {
        world.Flush();
        foreach (var master in world.Cluster.Masters)
            Direct(master, "CONFIG", "SET", "slowlog-log-slower-than", "0");
        using var client = world.Connect();
        client.Must("SET", "user:11", "slow");
        foreach (var master in world.Cluster.Masters)
            Direct(master, "CONFIG", "SET", "slowlog-log-slower-than", "10000");
        Assert.Contains(client.Must("SLOWLOG", "GET", "100").Array, e => e.Array[3].Texts.SequenceEqual(["SET", "user:11", "slow"]));
    }

    [Fact]
    public void Great_values_arrive_as_they_were_sent()
    {
        // From a client's second on, such a request is read into a chunk of its own and goes on in it, the tag written before what is there.
        world.Flush();
        var random = new Random(5);
        foreach (var key in (string[])["user:11", "news"])
        {
            using var client = world.Connect();
            foreach (var size in (int[])[20_000, 40_000, 65_536, 65_536, 100_000, 130_900, 131_100, 70_000, 300_000, 40_000, 33_000])
            {
                foreach (var send in (Action<RawClient, byte[]>[])[Whole, InPieces, Twice, BetweenOthers])
                {
                    var value = string.Create(size, random, static (text, r) => r.GetItems("abcdefghijklmnopqrstuvwxyz", text));
                    send(client, new Request("SET", key, value).Frame.ToArray());
                    Assert.True(client.Must("GET", key).Text == value, $"{send.Method.Name}, {size} bytes");
                }
            }
        }

        static void Whole(RawClient client, byte[] frame)
        {
            client.Send(frame);
            Assert.Equal("+OK\r\n"u8, client.Receive());
        }

        void InPieces(RawClient client, byte[] frame)
        {
            using var other = world.Connect();
            foreach (var piece in (Range[])[new(0, 9), new(9, 30), new(30, 20_000)])
            {
                client.Send(frame.AsSpan(piece));
                other.Must("PING");
            }

            Whole(client, frame[20_000..]);
        }

        static void Twice(RawClient client, byte[] frame)
        {
            Whole(client, [.. frame, .. frame]);
            Assert.Equal("+OK\r\n"u8, client.Receive());
        }

        static void BetweenOthers(RawClient client, byte[] frame)
        {
            client.Send([.. Encoding.ASCII.GetBytes("*2\r\n$4\r\nECHO\r\n$6\r\nbefore\r\n"), .. frame, .. Encoding.ASCII.GetBytes("*2\r\n$6\r\nSTRLEN\r\n$4\r\nnone\r\n")]);
            Assert.Equal("$6\r\nbefore\r\n"u8, client.Receive());
            Assert.Equal("+OK\r\n"u8, client.Receive());
            Assert.Equal(":0\r\n"u8, client.Receive());
        }
    }

    private static IEnumerable<string[]> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim().Split(' '));

    private static string Cut(string text) => text.Length <= 200 ? text : text[..200] + "...";

    private static byte[] Sorted(byte[] reply) => Encoding.Latin1.GetBytes(string.Join('\n', Reply.Parse(reply).Texts.Order(StringComparer.Ordinal)));

    private static Reply Direct(RedisProcess server, params string[] arguments)
    {
        using var client = new RawClient(server.Port);
        return client.Call(arguments);
    }

    private static List<string> Scan(RawClient client, params string[] options)
    {
        var (found, cursor) = (new List<string>(), "0");
        do
        {
            var reply = client.Must(["SCAN", cursor, .. options]).Array;
            cursor = reply[0].Text!;
            found.AddRange(reply[1].Texts);
        }
        while (cursor != "0");
        return found;
    }

    [Fact]
    public Task A_read_does_not_see_the_write_behind_it() => OneClientTests.ReadsDoNotSeeTheWritesBehindThemAsync(world, "user:7");

    [Fact]
    public async Task Who_keeps_what_it_reads_is_told_of_keys_as_it_knows_them()
    {
        world.Flush();
        using var other = world.Connect();
        other.Must("MSET", "user:11", "1", "news", "1", "user:50000", "1");
        using var client = new CachingClient(world.Sidecar.Port);
        client.Read("user:11", "news", "user:50000");
        other.Must("MSET", "user:11", "2", "news", "2");
        await Eventually.ThatAsync(() => Task.FromResult(client.Listen().Cache.Count), c => c == 1, TimeSpan.FromSeconds(30));
        Assert.Equal(("user:50000", 0), (client.Cache.Keys.Single(), client.Forgot));
    }

    public sealed class World : SidecarFixture
    {
        protected override string[] Options => ["allow: [FLUSHALL]", "keyPatterns: [\"user:{id}\", \"cart:{id}:*\"]", "idsPerTablet: 10"];

        public RawClient Connect() => new(Sidecar.Port);

        public void Flush()
        {
            using var client = Connect();
            client.Must("FLUSHALL");
        }
    }
}
