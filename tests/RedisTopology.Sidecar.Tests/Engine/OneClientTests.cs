using System.Globalization;
using System.Text;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>What one client may count on, whichever servers its commands go to: three masters with a replica each behind the sidecar.</summary>
public sealed class OneClientTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public Task A_read_does_not_see_the_write_behind_it() => ReadsDoNotSeeTheWritesBehindThemAsync(fixture, "future");

    internal static async Task ReadsDoNotSeeTheWritesBehindThemAsync(SidecarFixture fixture, string key)
    {
        using var client = fixture.Sidecar.Connect();
        client.Call("SET", key, "0");
        const int Pairs = 2000;
        for (var round = 0; round < 5; round++)
        {
            var pipeline = new MemoryStream();
            for (var i = 0; i < Pairs / 5; i++)
            {
                pipeline.Write(RespSocket.Encode("GET", key));
                pipeline.Write(RespSocket.Encode("INCR", key));
            }

            var sending = Task.Run(() => client.Send(pipeline.ToArray()));
            for (var i = 0; i < Pairs / 5; i++)
            {
                var expected = ((round * Pairs / 5) + i).ToString(CultureInfo.InvariantCulture);
                Assert.Equal($"${expected.Length}\r\n{expected}\r\n", Encoding.ASCII.GetString(client.ReadFrame()));
                client.ReadFrame();
            }

            await sending;
            // Time for the replicas, so that the next round begins at one of them.
            client.Call("WAIT", "1", "5000");
        }
    }

    [Fact]
    public async Task WAIT_counts_the_replicas_that_have_what_this_client_wrote()
    {
        using var client = new RawClient(fixture.Sidecar.Port);
        await Eventually.ThatAsync(() => Task.FromResult(client.Must("WAIT", "0", "0").Number), n => n == 1, Limit);
        client.Must(["MSET", .. Enumerable.Range(0, 50).SelectMany(i => new[] { $"wait:{i}", "1" })]);
        Assert.Equal(1, client.Must("WAIT", "1", "20000").Number);
        for (var i = 0; i < 50; i++)
            Assert.Contains(":1", await OnReplicaAsync($"wait:{i}"));

        // More than there are: the time is up, and the count is true.
        client.Must("SET", "wait:0", "2");
        var began = TimeProvider.System.GetTimestamp();
        Assert.Equal(1, client.Must("WAIT", "2", "1500").Number);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.FromSeconds(1.4), Limit);
        Assert.Equal("ERR timeout is negative", client.Call("WAIT", "1", "-1").Text);
        Assert.Equal("ERR value is not an integer or out of range", client.Call("WAIT", "x", "1").Text);
        Assert.Equal("PONG", client.Must("PING").Text);
    }

    [Fact]
    public async Task WAIT_says_0_while_a_replica_hangs()
    {
        using var client = new RawClient(fixture.Sidecar.Port);
        client.Must("SET", "wait:hang", "1");
        Assert.Equal(1, client.Must("WAIT", "1", "20000").Number);
        var shard = await ShardOfAsync("wait:hang");
        fixture.Cluster.Replicas[shard].Freeze();
        try
        {
            client.Must("SET", "wait:hang", "2");
            Assert.Equal(0, client.Must("WAIT", "1", "500").Number);
        }
        finally
        {
            fixture.Cluster.Replicas[shard].Resume();
        }

        client.Must("SET", "wait:hang", "3");
        Assert.Equal(1, client.Must("WAIT", "1", "20000").Number);
    }

    [Fact]
    public void A_cursor_is_followed_on_one_server()
    {
        using var client = new RawClient(fixture.Sidecar.Port);
        client.Must(["SADD", "cursor", .. Enumerable.Range(0, 2000).Select(i => $"member:{i}")]);
        var (cursor, found) = ("0", new HashSet<string>());
        do
        {
            var reply = client.Must("SSCAN", "cursor", cursor, "COUNT", "50");
            found.UnionWith(reply.Array[1].Texts);
            cursor = reply.Array[0].Text!;
            // The replica has it all by now, and would be asked.
            client.Must("WAIT", "1", "5000");
        }
        while (cursor != "0");
        Assert.Equal(2000, found.Count);
    }

    [Fact]
    public async Task A_script_that_does_not_end_can_be_killed()
    {
        // A server says nothing at all before that, and would be taken for dead.
        foreach (var master in fixture.Cluster.Masters)
            await master.ExecuteAsync("CONFIG", "SET", "lua-time-limit", "100");
        using RawClient client = new(fixture.Sidecar.Port), other = new(fixture.Sidecar.Port);
        client.Send(new Request("EVAL", "while true do end", "1", "script:loop").Frame.Span);
        await Eventually.ThatAsync(() => Task.FromResult(other.Call("SCRIPT", "KILL").ToString()), reply => reply == "+OK", Limit);
        Assert.Contains("killed", Reply.Parse(client.Receive()).Text!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notices_of_keys_come_from_every_shard()
    {
        foreach (var master in fixture.Cluster.Masters)
            await master.ExecuteAsync("CONFIG", "SET", "notify-keyspace-events", "KEA");
        using RawClient listener = new(fixture.Sidecar.Port), writer = new(fixture.Sidecar.Port);
        Assert.Equal("*[$psubscribe, $__keyspace@0__:notice:*, :1]", listener.Must("PSUBSCRIBE", "__keyspace@0__:notice:*").ToString());
        var keys = Enumerable.Range(0, 30).Select(i => $"notice:{i}").ToArray();
        foreach (var key in keys)
            writer.Must("SET", key, "1");
        var noticed = keys.Select(_ => Reply.Parse(listener.Receive()).Array[2].Text!["__keyspace@0__:".Length..]);
        Assert.Equal(keys.Order(), noticed.Order());
        Assert.Equal("*[$punsubscribe, $__keyspace@0__:notice:*, :0]", listener.Must("PUNSUBSCRIBE").ToString());
        Assert.Equal("PONG", listener.Must("PING").Text);
    }

    [Fact]
    public void Confirmations_count_as_a_server_counts()
    {
        using RawClient through = new(fixture.Sidecar.Port), straight = new(fixture.Plain.Port);
        string[] lines = ["PUNSUBSCRIBE a* b* c*", "SUBSCRIBE a b a", "PSUBSCRIBE p* q*", "UNSUBSCRIBE a x b", "SUBSCRIBE b", "PUNSUBSCRIBE", "UNSUBSCRIBE b b"];
        foreach (var line in lines)
        {
            var request = Request.Of(line);
            through.Send(request.Frame.Span);
            straight.Send(request.Frame.Span);
            var replies = line == "PUNSUBSCRIBE" ? 2 : request.Arguments.Count - 1;
            // In which order patterns are left is each server's own choice.
            Assert.Equal(Receive(straight, replies, line), Receive(through, replies, line));
        }
    }

    private static string Receive(RawClient client, int replies, string line)
    {
        var all = Enumerable.Range(0, replies).Select(_ => Reply.Parse(client.Receive())).ToArray();
        return line == "PUNSUBSCRIBE" ? string.Join(' ', all.Select(r => r.Array[2])) : string.Join(' ', all.Select(r => r.ToString()));
    }

    private async Task<int> ShardOfAsync(string key)
    {
        for (var i = 0; i < fixture.Cluster.Masters.Count; i++)
        {
            using var direct = new RawClient(fixture.Cluster.Masters[i].Port);
            if (!direct.Call("EXISTS", key).IsError)
                return i;
        }

        await Task.Yield();
        throw new InvalidOperationException($"No master has {key}.");
    }

    private async Task<string> OnReplicaAsync(string key)
    {
        using var replica = new RawClient(fixture.Cluster.Replicas[await ShardOfAsync(key)].Port);
        replica.Must("READONLY");
        return replica.Call("EXISTS", key).ToString();
    }
}
