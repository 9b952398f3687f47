using System.Globalization;
using System.Text;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Commands that concern more than one shard, or none, through the sidecar before three masters.</summary>
public sealed class WholeClusterTests(WholeClusterTests.World world) : IClassFixture<WholeClusterTests.World>
{
    [Fact]
    public void Keys_of_all_shards_are_counted_listed_and_scanned()
    {
        using var client = world.Connect();
        world.Flush();
        var keys = Enumerable.Range(0, 300).Select(i => $"all:{i}").ToArray();
        client.Must(["MSET", .. keys.SelectMany(k => new[] { k, "1" })]);
        Assert.Equal(300, client.Must("DBSIZE").Number);
        Assert.Equal(keys.Order(), client.Must("KEYS", "all:*").Texts.Order());
        // Some twice perhaps: a cluster that has just been formed gives its masters other epochs, and a master with a newer one is scanned again.
        Assert.Equal(keys.Order(), Scan(client, "COUNT", "25").Distinct().Order());
        Assert.Equal(keys.Where(k => k.EndsWith('7')).Order(), Scan(client, "MATCH", "*7", "COUNT", "100").Distinct().Order());
        Assert.Empty(Scan(client, "TYPE", "list"));
        Assert.Contains(client.Must("RANDOMKEY").Text, keys);
        Assert.Equal(300, client.Must(["DEL", .. keys]).Number);
        Assert.True(client.Must("RANDOMKEY").IsNull);
        Assert.Equal("*0\r\n", Encoding.ASCII.GetString(client.Raw("KEYS", "*")));
    }

    // Up to 32 slots are found in one way, more in another.
    [Theory]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(300)]
    public void Values_come_in_the_order_of_their_keys_from_however_many_slots(int count)
    {
        using var client = world.Connect();
        var keys = Enumerable.Range(0, count).Select(i => $"order:{i}").ToArray();
        client.Must(["MSET", .. keys.SelectMany(k => new[] { k, k })]);
        // Each once more, when the pieces of all are known.
        string[] asked = [.. keys, .. keys.Reverse(), .. keys];
        for (var again = 0; again < 3; again++)
            Assert.Equal(asked, client.Must(["MGET", .. asked]).Texts);
        Assert.Equal(count, client.Must(["DEL", .. asked]).Number);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    public void A_cursor_that_is_none_is_refused(string cursor)
    {
        using var client = world.Connect();
        Assert.Equal("ERR invalid cursor", client.Call("SCAN", cursor).Text);
    }

    [Fact]
    public void An_error_of_a_server_in_a_scan_is_passed_on()
    {
        using var client = world.Connect();
        Assert.Equal("ERR syntax error", client.Call("SCAN", "0", "FOO", "1").Text);
        Assert.Equal("PONG", client.Must("PING").Text);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void INFO_is_that_of_one_standalone_server_with_everything_in_it(string protocol)
    {
        using var client = world.Connect();
        world.Flush();
        client.Must("HELLO", protocol);
        client.Must(["MSET", .. Enumerable.Range(0, 60).SelectMany(i => new[] { $"info:{i}", "1" })]);
        var info = client.Must("INFO").Text!;
        Assert.Contains("redis_mode:standalone\r\n", info, StringComparison.Ordinal);
        Assert.Contains("role:master\r\n", info, StringComparison.Ordinal);
        Assert.Contains("cluster_enabled:0\r\n", info, StringComparison.Ordinal);
        Assert.Contains("db0:keys=60,", info, StringComparison.Ordinal);
        Assert.Contains("used_memory:", info, StringComparison.Ordinal);
        Assert.Contains("loading:0\r\n", info, StringComparison.Ordinal);
        Assert.Contains("db0:keys=60,", client.Must("INFO", "keyspace").Text!, StringComparison.Ordinal);
        Assert.DoesNotContain("role:", client.Must("INFO", "keyspace").Text!, StringComparison.Ordinal);
        Assert.StartsWith(protocol == "3" ? "txt:# Replication\r\nrole:master\r\n" : "# Replication\r\nrole:master\r\n", client.Must("INFO", "replication").Text!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_greeting_tells_of_the_servers_behind()
    {
        using var client = world.Connect();
        using var direct = new RawClient(world.Cluster.Masters[0].Port);
        Assert.Equal(direct.Must("HELLO", "3").Array[3].Text, client.Must("HELLO", "3").Array[3].Text);
    }

    [Fact]
    public void Scripts_and_functions_are_on_every_master()
    {
        using var client = world.Connect();
        const string Body = "return redis.call('SET', KEYS[1], ARGV[1])";
        var sha = client.Must("SCRIPT", "LOAD", Body).Text!;
        Assert.Equal([1L, 0L], client.Must("SCRIPT", "EXISTS", sha, new('0', 40)).Array.Select(r => r.Number));
        for (var i = 0; i < 20; i++)
            Assert.Equal("OK", client.Must("EVALSHA", sha, "1", $"script:{i}", "v").Text);
        client.Must("FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nredis.register_function('one', function(keys) return #keys end)");
        for (var i = 0; i < 20; i++)
            Assert.Equal(1, client.Must("FCALL", "one", "1", $"script:{i}").Number);
        Assert.StartsWith("NOTBUSY", client.Call("SCRIPT", "KILL").Text!, StringComparison.Ordinal);
        client.Must("SCRIPT", "FLUSH");
        Assert.Equal(0, client.Must("SCRIPT", "EXISTS", sha).Array[0].Number);
    }

    [Fact]
    public void Subscribers_of_all_servers_are_counted()
    {
        using RawClient client = world.Connect(), one = new(world.Cluster.Masters[0].Port), two = new(world.Cluster.Masters[1].Port);
        one.Must("SUBSCRIBE", "pubsub:a");
        two.Must("SUBSCRIBE", "pubsub:a");
        two.Must("SUBSCRIBE", "pubsub:b");
        Assert.Equal(["pubsub:a", "pubsub:b"], client.Must("PUBSUB", "CHANNELS", "pubsub:*").Texts.Order());
        Assert.Equal("*[$pubsub:a, :2, $pubsub:b, :1, $c, :0]", client.Must("PUBSUB", "NUMSUB", "pubsub:a", "pubsub:b", "c").ToString());
    }

    [Fact]
    public void What_would_delete_everything_is_refused_until_it_is_allowed()
    {
        using var client = world.Connect();
        Assert.StartsWith("ERR It deletes the data of every shard", client.Call("FUNCTION", "FLUSH").Text!, StringComparison.Ordinal);
        client.Must("SET", "flush", "1");
        Assert.Equal("OK", client.Must("FLUSHALL").Text);
        Assert.Equal(0, client.Must("DBSIZE").Number);
    }

    [Fact]
    public async Task Clients_see_and_end_each_other()
    {
        using RawClient client = world.Connect(), other = world.Connect(), waiting = world.Connect();
        client.Must("CLIENT", "SETNAME", "clients-one");
        other.Must("CLIENT", "SETNAME", "clients-two");
        var id = other.Must("CLIENT", "ID").Number.ToString(CultureInfo.InvariantCulture);
        var list = client.Must("CLIENT", "LIST").Text!;
        Assert.Contains(" name=clients-one ", list, StringComparison.Ordinal);
        Assert.Contains(" name=clients-two ", list, StringComparison.Ordinal);
        Assert.Contains("addr=127.0.0.1:", client.Must("CLIENT", "INFO").Text!, StringComparison.Ordinal);

        var waitingId = waiting.Must("CLIENT", "ID").Number.ToString(CultureInfo.InvariantCulture);
        foreach (var (call, timeout, error) in new[] { ("BLPOP", "*null", "-UNBLOCKED client unblocked via CLIENT UNBLOCK"), ("BZPOPMIN", "*null", "-UNBLOCKED client unblocked via CLIENT UNBLOCK") })
        {
            foreach (var (way, expected) in new[] { ("TIMEOUT", timeout), ("ERROR", error) })
            {
                waiting.Send(new Request(call, "nothing-here", "0").Frame.Span);
                await Eventually.ThatAsync(() => Task.FromResult(client.Must("CLIENT", "UNBLOCK", waitingId, way).Number), n => n == 1, TimeSpan.FromSeconds(30));
                // The server may still have been connected to: then it is asked again.
                var reply = await ReceiveAsync(waiting, () => client.Must("CLIENT", "UNBLOCK", waitingId, way));
                Assert.Equal(expected, reply.ToString());
            }
        }

        Assert.Equal("PONG", waiting.Must("PING").Text);
        Assert.Equal(1, client.Must("CLIENT", "KILL", "ID", id).Number);
        Assert.ThrowsAny<Exception>(() => other.Call("PING"));
        Assert.Equal(0, client.Must("CLIENT", "KILL", "ID", "999999").Number);
    }

    [Fact]
    public void Replies_that_are_not_wanted_do_not_come()
    {
        using var client = world.Connect();
        string[] lines = ["SET reply:1 a", "CLIENT REPLY SKIP", "GET reply:1", "GET reply:2", "CLIENT REPLY OFF", "SET reply:2 b", "PING", "CLIENT REPLY ON", "GET reply:2", "CLIENT REPLY SKIP",
            "MGET reply:1 reply:2", "ECHO end"];
        foreach (var line in lines)
            client.Send(Request.Of(line).Frame.Span);
        List<string> replies = [];
        while (replies.LastOrDefault() != "$end")
            replies.Add(Reply.Parse(client.Receive()).ToString());
        Assert.Equal(["+OK", "$null", "+OK", "$b", "$end"], replies);
    }

    [Fact]
    public void What_a_client_asks_of_a_server_when_it_connects_is_answered()
    {
        using var client = world.Connect();
        Assert.Equal(["databases", "1"], client.Must("CONFIG", "GET", "databases").Texts);
        Assert.Equal("master", client.Must("ROLE").Array[0].Text);
        Assert.True(client.Must("COMMAND", "COUNT").Number > 200);
        Assert.Equal(["a", "b"], client.Must("COMMAND", "GETKEYS", "MGET", "a", "b").Texts);
        Assert.StartsWith("ERR This instance has cluster support disabled", client.Call("CLUSTER", "INFO").Text!, StringComparison.Ordinal);
        Assert.Equal("ERR unknown subcommand 'foo'. Try CONFIG HELP.", client.Call("CONFIG", "foo").Text);
        Assert.StartsWith("ERR It changes how the servers run", client.Call("CONFIG", "SET", "a", "b").Text!, StringComparison.Ordinal);
        Assert.Equal("ERR SELECT is not allowed in cluster mode", client.Call("SELECT", "1").Text);
        Assert.True(client.Must("LASTSAVE").Number > 0);
        Assert.True(client.Must("SLOWLOG", "LEN").Number >= 0);
    }

    /// <summary>Django Channels' layer tells its keys so: with any other server the script fails.</summary>
    [Fact]
    public void A_script_without_keys_finds_those_of_a_tag_in_its_arguments()
    {
        using var client = world.Connect();
        for (var i = 0; i < 30; i++)
        {
            Assert.Equal("OK", client.Must("EVAL", "return redis.call('SET', ARGV[2] .. ':key', ARGV[1])", "0", "x{}", $"{{undeclared{i}}}").Text);
            Assert.Equal("x{}", client.Must("GET", $"{{undeclared{i}}}:key").Text);
        }
    }

    [Fact]
    public async Task The_slow_log_gives_as_many_entries_as_were_asked_for()
    {
        foreach (var master in world.Cluster.Masters)
            await master.ExecuteAsync("CONFIG", "SET", "slowlog-log-slower-than", "0");
        using var client = world.Connect();
        for (var i = 0; i < 60; i++)
            client.Must("SET", $"slow:{i}", "1");
        var entries = client.Must("SLOWLOG", "GET", "4").Array;
        Assert.Equal((4, 10), (entries.Length, client.Must("SLOWLOG", "GET").Array.Length));
        Assert.Equal(entries.Select(e => e.Array[1].Number).OrderDescending(), entries.Select(e => e.Array[1].Number));
        Assert.True(client.Must("SLOWLOG", "GET", "-1").Array.Length > 60);
        foreach (var master in world.Cluster.Masters)
            await master.ExecuteAsync("CONFIG", "SET", "slowlog-log-slower-than", "10000");
    }

    [Fact]
    public async Task A_scan_misses_no_key_while_its_slot_moves()
    {
        using var client = world.Connect();
        world.Flush();
        var keys = Enumerable.Range(0, 200).Select(i => $"move:{i}").ToArray();
        client.Must(["MSET", .. keys.SelectMany(k => new[] { k, "1" })]);
        var found = new HashSet<string>();
        var cursor = "0";
        var moved = new HashSet<int>();
        for (var step = 0; step == 0 || cursor != "0"; step++)
        {
            var reply = client.Must("SCAN", cursor, "COUNT", "10");
            found.UnionWith(reply.Array[1].Texts);
            cursor = reply.Array[0].Text!;
            // A slot of a key that has not been seen goes on to the next server, each once: three moves at a stretch would bring it back to where it was, see ScanWalk.
            if (moved.Count < 10 && keys.FirstOrDefault(k => !found.Contains(k) && !moved.Contains(Core.Hashing.HashSlot.Of(k))) is { } unseen)
            {
                await world.MoveAsync(unseen);
                moved.Add(Core.Hashing.HashSlot.Of(unseen));
            }
        }

        Assert.Equal(10, moved.Count);
        Assert.Empty(keys.Except(found));
    }

    private static async Task<Reply> ReceiveAsync(RawClient client, Action again)
    {
        var receive = Task.Run(() => Reply.Parse(client.Receive()));
        while (await Task.WhenAny(receive, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System)) != receive)
            again();
        return await receive;
    }

    private static List<string> Scan(RawClient client, params string[] options)
    {
        var found = new List<string>();
        var cursor = "0";
        do
        {
            var reply = client.Must(["SCAN", cursor, .. options]);
            found.AddRange(reply.Array[1].Texts);
            cursor = reply.Array[0].Text!;
        }
        while (cursor != "0");
        return found;
    }

    /// <summary>Three masters and a sidecar before them, which may FLUSHALL.</summary>
    public sealed class World : IAsyncLifetime
    {
        private SidecarProcess? _sidecar;

        public LocalCluster Cluster { get; private set; } = null!;

        public RawClient Connect() => new(_sidecar!.Port);

        public CachingClient Caching() => new(_sidecar!.Port);

        public void Flush()
        {
            using var client = Connect();
            client.Must("FLUSHALL");
        }

        /// <summary>Moves a key's slot with all its keys, in the way of redis-cli.</summary>
        public async Task MoveAsync(string key)
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await TryMoveAsync(key);
                    return;
                }
                catch (RespErrorException) when (attempt < 10)
                {
                    // On a busy machine the news of the move before this one turns a server's mind between two commands.
                    await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
                }
            }
        }

        private async Task TryMoveAsync(string key)
        {
            var slot = Core.Hashing.HashSlot.Of(key).ToString(CultureInfo.InvariantCulture);
            var ids = new List<string>();
            foreach (var master in Cluster.Masters)
                ids.Add((string)(await master.ExecuteAsync("CLUSTER", "MYID"))!);
            // The move before this one may still be news to some.
            var from = await Eventually.ThatAsync(() => Task.FromResult(Owner(key)), i => i >= 0, TimeSpan.FromSeconds(30));
            var to = (from + 1) % 3;
            var (source, target) = (Cluster.Masters[from], Cluster.Masters[to]);
            foreach (var master in Cluster.Masters)
                await master.ExecuteAsync("CLUSTER", "SETSLOT", slot, "STABLE");
            await target.ExecuteAsync("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from]);
            await source.ExecuteAsync("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to]);
            while (await source.ExecuteAsync("CLUSTER", "GETKEYSINSLOT", slot, "100") is object?[] { Length: > 0 } keys)
                await source.ExecuteAsync(["MIGRATE", "127.0.0.1", target.Port.ToString(CultureInfo.InvariantCulture), "", "0", "5000", "KEYS", .. keys.Select(k => (string)k!)]);
            // With a newer epoch than the source's, of which the target may not have heard yet: else the source's next message takes the slot back, and the target deletes its keys.
            while (await EpochAsync(target) <= await EpochAsync(source))
                await target.ExecuteAsync("CLUSTER", "BUMPEPOCH");
            await target.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", ids[to]);
            await source.ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", ids[to]);
            await Cluster.Masters[3 - from - to].ExecuteAsync("CLUSTER", "SETSLOT", slot, "NODE", ids[to]);
        }

        private static async Task<long> EpochAsync(RedisProcess node)
        {
            var info = (string)(await node.ExecuteAsync("CLUSTER", "INFO"))!;
            return long.Parse(info.Split('\n').Single(l => l.StartsWith("cluster_my_epoch:", StringComparison.Ordinal))["cluster_my_epoch:".Length..], CultureInfo.InvariantCulture);
        }

        private int Owner(string key)
        {
            for (var i = 0; i < 3; i++)
            {
                using var direct = new RawClient(Cluster.Masters[i].Port);
                if (!direct.Call("GET", key).IsError)
                    return i;
            }

            return -1;
        }

        public async ValueTask InitializeAsync()
        {
            Cluster = await LocalCluster.StartAsync(3);
            _sidecar = await SidecarProcess.StartAsync(Cluster.Seeds, ["allow: [FLUSHALL]"]);
        }

        public async ValueTask DisposeAsync()
        {
            if (_sidecar is not null)
                await _sidecar.DisposeAsync();
            await Cluster.DisposeAsync();
        }
    }
}
