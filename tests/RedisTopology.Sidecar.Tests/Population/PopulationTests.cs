using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Population;

/// <summary>Populated keys, as a client sees them.</summary>
public sealed class PopulationTests(PopulationFixture fixture) : IClassFixture<PopulationFixture>
{
    private static int _number = 1000;
    private readonly string _id = $"{Interlocked.Increment(ref _number)}";

    [Fact]
    public void A_miss_is_loaded_and_stored_as_it_is()
    {
        Has("/blogs/", "a post\r\nwith \0 bytes");
        using var client = fixture.Sidecar.Connect();
        var before = fixture.Origin.Reads;
        Assert.Equal("$20\r\na post\r\nwith \0 bytes\r\n", client.Call("GET", "blog:" + _id));
        Assert.Equal("$20\r\na post\r\nwith \0 bytes\r\n", client.Call("GET", "blog:" + _id));
        Assert.Equal(before + 1, fixture.Origin.Reads);
        Assert.InRange(int.Parse(client.Call("TTL", "blog:" + _id)[1..^2], System.Globalization.CultureInfo.InvariantCulture), 530, 660);
    }

    [Fact]
    public void What_the_origin_lacks_is_nil_in_both_protocols_and_asked_once()
    {
        using var client = fixture.Sidecar.Connect();
        var before = fixture.Origin.Reads;
        Assert.Equal("$-1\r\n", client.Call("GET", "blog:none" + _id));
        client.Call("HELLO", "3");
        Assert.Equal("_\r\n", client.Call("GET", "blog:none" + _id));
        Assert.Equal(before + 1, fixture.Origin.Reads);
        // A write forgets it.
        Assert.Equal("+OK\r\n", client.Call("SET", "blog:none" + _id, "now"));
        Assert.Equal("$3\r\nnow\r\n", client.Call("GET", "blog:none" + _id));
    }

    [Fact]
    public void Pipelined_replies_keep_their_order_and_other_commands_do_not_wait()
    {
        Has("/blogs/", "v");
        fixture.Origin.Delay = TimeSpan.FromMilliseconds(300);
        try
        {
            using var client = fixture.Sidecar.Connect();
            using var other = fixture.Sidecar.Connect();
            client.Send([.. RespSocket.Encode("ECHO", "1"), .. RespSocket.Encode("GET", "blog:" + _id), .. RespSocket.Encode("ECHO", "2"), .. RespSocket.Encode("SET", "plain" + _id, "x"), .. RespSocket.Encode("GET", "plain" + _id)]);
            var began = TimeProvider.System.GetTimestamp();
            other.Call("SET", "else" + _id, "1");
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMilliseconds(250));
            Assert.Equal("$1\r\n1\r\n$1\r\nv\r\n$1\r\n2\r\n+OK\r\n$1\r\nx\r\n", string.Concat(Enumerable.Range(0, 5).Select(_ => Encoding.Latin1.GetString(client.ReadFrame()))));
        }
        finally
        {
            fixture.Origin.Delay = TimeSpan.Zero;
        }
    }

    [Fact]
    public void MGET_and_GETEX_are_populated()
    {
        Has("/blogs/", "one");
        fixture.Origin.Values["/blogs/b" + _id] = "two"u8.ToArray();
        using var client = fixture.Sidecar.Connect();
        client.Call("SET", "other" + _id, "plain");
        client.Call("RPUSH", "list" + _id, "x");
        Assert.Equal("*5\r\n$3\r\none\r\n$5\r\nplain\r\n$3\r\ntwo\r\n$-1\r\n$-1\r\n", client.Call("MGET", "blog:" + _id, "other" + _id, $"blog:b{_id}", "blog:none" + _id, "list" + _id));
        fixture.Origin.Values["/blogs/c" + _id] = "three"u8.ToArray();
        Assert.Equal("$5\r\nthree\r\n", client.Call("GETEX", $"blog:c{_id}", "EX", "100"));
        Assert.InRange(int.Parse(client.Call("TTL", $"blog:c{_id}")[1..^2], System.Globalization.CultureInfo.InvariantCulture), 90, 100);
    }

    [Fact]
    public void An_origin_that_is_down_is_said_and_no_other_key_suffers()
    {
        fixture.Origin.Delay = TimeSpan.FromSeconds(1);
        try
        {
            using var client = fixture.Sidecar.Connect();
            Assert.Equal("-ORIGINDOWN the origin did not answer within 200 ms\r\n", client.Call("GET", "slow:" + _id));
            Assert.Equal("+OK\r\n", client.Call("SET", "slow:" + _id, "v"));
            Assert.Equal("$1\r\nv\r\n", client.Call("GET", "slow:" + _id));
        }
        finally
        {
            fixture.Origin.Delay = TimeSpan.Zero;
        }
    }

    [Theory]
    [InlineData("SET", "KEY", "new")]
    [InlineData("DEL", "KEY")]
    [InlineData("UNLINK", "KEY", "otherkey")]
    [InlineData("PSETEX", "KEY", "60000", "new")]
    [InlineData("GETSET", "KEY", "new")]
    [InlineData("EXPIRE", "KEY", "100")]
    [InlineData("APPEND", "KEY", "new")]
    [InlineData("MSET", "KEY", "new", "otherkey", "1")]
    [InlineData("HSET", "KEY", "f", "v")]
    public Task A_fill_of_what_was_read_before_a_write_is_refused(params string[] write) =>
        RefusesFillAsync((writer, key) => Assert.DoesNotContain("-", writer.Call([.. write.Select(w => w == "KEY" ? key : w)]).Replace("$-1", "", StringComparison.Ordinal), StringComparison.Ordinal));

    [Theory]
    [InlineData(false, "$-1\r\n", "GETSET", "KEY", "new")]
    [InlineData(false, "+OK\r\n", "EVAL", "return redis.call('SET', KEYS[1], 'new')", "1", "KEY")]
    [InlineData(true, "+OK\r\n", "EVAL", "return redis.call('SET', KEYS[1], 'new')", "1", "KEY")]
    [InlineData(false, "*-1\r\n", "BLPOP", "KEY", "0")]
    [InlineData(true, "*-1\r\n", "BLPOP", "KEY", "0")]
    public Task A_fill_of_what_was_read_before_a_transaction_is_refused(bool watches, string reply, params string[] write) =>
        RefusesFillAsync((writer, key) =>
        {
            if (watches)
                Assert.Equal("+OK\r\n", writer.Call("WATCH", key));
            Assert.Equal("+OK\r\n", writer.Call("MULTI"));
            Assert.Equal("+QUEUED\r\n", writer.Call([.. write.Select(w => w == "KEY" ? key : w)]));
            Assert.Equal("*1\r\n" + reply, writer.Call("EXEC"));
            Assert.Equal("+PONG\r\n", writer.Call("PING"));
        });

    [Theory]
    [InlineData("*2\r\n$KEY\r\n$1\r\nx\r\n", "BLPOP", "KEY", "0")]
    [InlineData("*2\r\n$KEY\r\n$1\r\nx\r\n", "BRPOP", "KEY", "elsewhere", "0")]
    [InlineData("*2\r\n$KEY\r\n*1\r\n$1\r\nx\r\n", "BLMPOP", "0", "2", "elsewhere", "KEY", "LEFT")]
    [InlineData("*2\r\n$KEY\r\n*1\r\n$1\r\nx\r\n", "LMPOP", "2", "elsewhere", "KEY", "LEFT")]
    public Task A_fill_of_what_was_read_before_a_pop_is_refused(string reply, params string[] pop) =>
        RefusesFillAsync((writer, key) =>
        {
            // Put there past the sidecar, or the lease would be gone before the pop.
            Assert.Contains(":1\r\n", fixture.Cluster.Masters.Select(m => Push(m.Port, key)));
            Assert.Equal(reply.Replace("KEY", $"{key.Length}\r\n{key}", StringComparison.Ordinal), writer.Call([.. pop.Select(w => w == "KEY" ? key : w)]));
        });

    private static string Push(int port, string key)
    {
        using var server = RespSocket.Connect(port);
        return server.Call("RPUSH", key, "x");
    }

    [Theory]
    [InlineData("BLMOVE", "{KEY}:from", "KEY", "LEFT", "RIGHT", "0")]
    [InlineData("BRPOPLPUSH", "{KEY}:from", "KEY", "0")]
    public Task A_fill_does_not_overwrite_what_a_blocking_move_has_put_there(params string[] move) =>
        RefusesFillAsync((writer, key) =>
        {
            writer.Call("RPUSH", $"{{{key}}}:from", "x");
            Assert.Equal("$1\r\nx\r\n", writer.Call([.. move.Select(w => w.Replace("KEY", key, StringComparison.Ordinal))]));
        });

    [Fact]
    public async Task A_pop_that_waits_leaves_the_leases_of_those_who_load()
    {
        Has("/blogs/", "value");
        fixture.Origin.Delay = TimeSpan.FromMilliseconds(300);
        try
        {
            using var waits = fixture.Sidecar.Connect();
            using var reader = fixture.Sidecar.Connect();
            waits.Send("BLPOP", "blog:" + _id, "elsewhere:" + _id, "0");
            await Eventually.ThatAsync(() => Task.FromResult(reader.Call("CLIENT", "LIST")), l => l.Contains("flags=b", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
            var reads = fixture.Origin.Reads;
            Assert.Equal("$5\r\nvalue\r\n", reader.Call("GET", "blog:" + _id));
            Assert.Equal("$5\r\nvalue\r\n", reader.Call("GET", "blog:" + _id));
            Assert.Equal(reads + 1, fixture.Origin.Reads);
            // As on one server, it goes on to wait while one of its keys is a string.
            reader.Call("RPUSH", "elsewhere:" + _id, "x");
            Assert.EndsWith("\r\nx\r\n", Encoding.Latin1.GetString(waits.ReadFrame()), StringComparison.Ordinal);
        }
        finally
        {
            fixture.Origin.Delay = TimeSpan.Zero;
        }
    }

    /// <summary>Too many arguments for a script, of one slot and of several.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("nobodyskey")]
    public Task A_fill_of_what_was_read_before_a_long_write_is_refused(string other) =>
        RefusesFillAsync((writer, key) => Assert.Equal(":0\r\n", writer.Call(["DEL", key, .. Enumerable.Range(0, 7001).Select(i => $"{{{key}}}{i}"), .. other.Length > 0 ? [other] : Array.Empty<string>()])));

    [Fact]
    public Task A_fill_of_what_was_read_before_a_write_of_many_managed_keys_is_refused() =>
        RefusesFillAsync((writer, key) => Assert.Equal(":0\r\n", writer.Call(["DEL", key, .. Enumerable.Range(0, 5000).Select(i => $"blog:{{{key}}}{i}")])));

    private async Task RefusesFillAsync(Action<RespSocket, string> write)
    {
        var key = "blog:" + _id;
        Has("/blogs/", "old");
        fixture.Origin.Delay = TimeSpan.FromMilliseconds(300);
        using var reader = fixture.Sidecar.Connect();
        using var writer = fixture.Sidecar.Connect();
        try
        {
            var reads = fixture.Origin.Reads;
            reader.Send("GET", key);
            await Eventually.ThatAsync(() => Task.FromResult(fixture.Origin.Reads), n => n > reads, TimeSpan.FromSeconds(5));
            write(writer, key);
            Assert.Equal("$3\r\nold\r\n", Encoding.Latin1.GetString(reader.ReadFrame()));
            fixture.Origin.Delay = TimeSpan.Zero;
            Has("/blogs/", "truth");
            Assert.NotEqual("$3\r\nold\r\n", writer.Call("GET", key));
        }
        finally
        {
            fixture.Origin.Delay = TimeSpan.Zero;
        }
    }

    [Fact]
    public void Replies_and_errors_of_wrapped_commands_are_the_servers_own()
    {
        using var client = fixture.Sidecar.Connect();
        var key = "blog:w" + _id;
        Assert.Equal("+OK\r\n", client.Call("SET", key, "v"));
        Assert.Equal("$-1\r\n", client.Call("SET", key, "v", "NX"));
        Assert.Equal("$1\r\nv\r\n", client.Call("SET", key, "w", "GET"));
        Assert.Equal("$1\r\nw\r\n", client.Call("GETSET", key, "x"));
        Assert.Equal("-ERR value is not an integer or out of range\r\n", client.Call("INCR", key));
        Assert.StartsWith("-WRONGTYPE ", client.Call("LPUSH", key, "x"), StringComparison.Ordinal);
        Assert.Equal("-ERR syntax error\r\n", client.Call("SET", key, "v", "BOGUS"));
        Assert.Equal(":1\r\n", client.Call("PEXPIRE", key, "5000"));
        Assert.Equal(":1\r\n", client.Call("DEL", key));
        client.Call("HELLO", "3");
        Assert.Equal("_\r\n", client.Call("GETSET", key, "1"));
        Assert.Equal(":2\r\n", client.Call("INCR", key));
        client.Call("DEL", key);
        client.Call("ZADD", key, "1.5", "m");
        Assert.Equal(",2.5\r\n", client.Call("ZINCRBY", key, "1", "m"));
    }

    [Fact]
    public void A_transaction_revokes_too()
    {
        using var client = fixture.Sidecar.Connect();
        var key = "blog:t" + _id;
        client.Call("MULTI");
        client.Call("SET", key, "1");
        client.Call("INCR", key);
        Assert.Equal("*2\r\n+OK\r\n:2\r\n", client.Call("EXEC"));
    }

    [Fact]
    public void A_value_of_many_megabytes_is_stored_under_a_managed_key()
    {
        using var client = fixture.Sidecar.Connect(TimeSpan.FromSeconds(60));
        var value = new string('x', 5 << 20);
        Assert.Equal("+OK\r\n", client.Call("SET", "blog:big" + _id, value));
        Assert.Equal($":{5 << 20}\r\n", client.Call("STRLEN", "blog:big" + _id));
    }

    [Fact]
    public void Written_through_origin_and_cache_agree_and_pipelined_writes_keep_their_order()
    {
        using var client = fixture.Sidecar.Connect();
        var frames = Enumerable.Range(0, 10).SelectMany(i => RespSocket.Encode("SET", "score:" + _id, $"{i}:0")).ToArray();
        client.Send(frames);
        for (var i = 0; i < 10; i++)
            Assert.Equal("+OK\r\n", Encoding.Latin1.GetString(client.ReadFrame()));
        Assert.Equal("9:0", Encoding.UTF8.GetString(fixture.Origin.Values["/scores/" + _id]));
        Assert.Equal("$3\r\n9:0\r\n", client.Call("GET", "score:" + _id));
        Assert.Equal(10, fixture.Origin.WriteKeys.Distinct().Count(k => k.Length > 0) - (fixture.Origin.WriteKeys.Distinct().Count() - 10));
        Assert.Equal("+OK\r\n", client.Call("SETEX", "score:" + _id, "100", "10:0"));
        Assert.InRange(int.Parse(client.Call("TTL", "score:" + _id)[1..^2], System.Globalization.CultureInfo.InvariantCulture), 85, 111);
    }

    [Fact]
    public void What_the_origin_refuses_is_an_error_and_the_old_value_stays()
    {
        using var client = fixture.Sidecar.Connect();
        client.Call("SET", "score:" + _id, "1:0");
        fixture.Origin.Status = 409;
        try
        {
            var reply = client.Call("SET", "score:" + _id, "2:0");
            Assert.StartsWith("-ORIGINREFUSED nothing was written: 127.0.0.1:", reply, StringComparison.Ordinal);
            Assert.EndsWith(" answered 409\r\n", reply, StringComparison.Ordinal);
        }
        finally
        {
            fixture.Origin.Status = 0;
        }

        Assert.Equal("$3\r\n1:0\r\n", client.Call("GET", "score:" + _id));
        Assert.StartsWith("-ERR 'set' on a key that is written through takes only EX and PX", client.Call("SET", "score:" + _id, "3:0", "NX"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_waits_for_replicas_when_told_to()
    {
        using var client = fixture.Sidecar.Connect();
        // On a busy machine a replica may take longer than a write waits for it, which is then told.
        await Eventually.ThatAsync(() => Task.FromResult(client.Call("SET", "sure:" + _id, "v")), reply => reply == "+OK\r\n", TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_value_past_its_time_is_served_and_renewed()
    {
        Has("/stale/", "old");
        using var client = fixture.Sidecar.Connect();
        Assert.Equal("$3\r\nold\r\n", client.Call("GET", "stale:" + _id));
        Has("/stale/", "new");
        await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, CancellationToken.None);
        var reads = fixture.Origin.Reads;
        await Eventually.ThatAsync(() => Task.FromResult(client.Call("GET", "stale:" + _id)), reply => reply == "$3\r\nnew\r\n", TimeSpan.FromSeconds(10));
        Assert.True(fixture.Origin.Reads >= reads + 1);
    }

    [Fact]
    public async Task Keys_that_no_rule_matches_are_left_alone_and_metrics_tell_the_rest()
    {
        using var client = fixture.Sidecar.Connect();
        var reads = fixture.Origin.Reads;
        Assert.Equal("$-1\r\n", client.Call("GET", "nothing:" + _id));
        Assert.Equal(reads, fixture.Origin.Reads);
        client.Call("GET", "blog:m" + _id);
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri($"http://127.0.0.1:{fixture.Sidecar.AdminPort}/metrics"));
        Assert.Contains("redis_topology_sidecar_population_misses_total{match=\"blog:{id}\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("redis_topology_sidecar_population_origin_seconds_bucket{match=\"blog:{id}\",le=\"+Inf\"}", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_with_an_id_of_a_tablet_are_populated_under_their_own_name()
    {
        await using var sidecar = await SidecarProcess.StartAsync(fixture.Cluster.Seeds, ["keyPatterns: [\"blog:{id}\", \"score:{id}\"]", "firstId: 1", "idsPerTablet: 10", .. fixture.Rules]);
        Has("/blogs/", "v");
        using var client = sidecar.Connect();
        Assert.Equal("$1\r\nv\r\n", client.Call("GET", "blog:" + _id));
        var reads = fixture.Origin.Reads;
        Assert.Equal("*2\r\n$1\r\nv\r\n$-1\r\n", client.Call("MGET", "blog:" + _id, "unmanaged:" + _id));
        Assert.Equal(reads, fixture.Origin.Reads);
        Assert.Equal("+OK\r\n", client.Call("SET", "blog:" + _id, "w"));
        Assert.Equal("+OK\r\n", client.Call("SET", "score:" + _id, "1:0"));
        Assert.Equal("1:0", Encoding.UTF8.GetString(fixture.Origin.Values["/scores/" + _id]));
        using var plain = fixture.Sidecar.Connect();
        var tag = RedisTopology.Core.Keys.SlotTags.TagOf((int.Parse(_id, System.Globalization.CultureInfo.InvariantCulture) - 1) / 10);
        Assert.Equal("$1\r\nw\r\n", plain.Call("GET", $"{{{tag}}}blog:{_id}"));
        Assert.Equal("$3\r\n1:0\r\n", plain.Call("GET", $"{{{tag}}}score:{_id}"));
        using var http = new HttpClient();
        using var content = new StringContent($$"""{"key":"blog:7{{_id}}","value":"pushed"}""");
        using var answer = await http.PostAsync(new Uri($"http://127.0.0.1:{sidecar.AdminPort}/v1/push"), content);
        Assert.Equal("$6\r\npushed\r\n", client.Call("GET", "blog:7" + _id));
        Assert.Equal("$-1\r\n", plain.Call("EXISTS", "blog:7" + _id).Replace(":0", "$-1", StringComparison.Ordinal));
    }

    private void Has(string path, string value) => fixture.Origin.Values[path + _id] = Encoding.Latin1.GetBytes(value);
}
