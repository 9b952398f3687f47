using System.Text;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Commands;

/// <summary>Each line is said to a real standalone server and to the sidecar's own code; the bytes must be the same.</summary>
public sealed class LocalCommandsTests(TestServers servers) : IClassFixture<TestServers>
{
    [Theory]
    [InlineData("PING", "PING a", "PING a b", "ECHO", "ECHO x", "ECHO x y")]
    [InlineData("SELECT 0", "SELECT a", "SELECT", "SELECT 99999999999", "SELECT 1 2")]
    [InlineData("AUTH x", "AUTH", "AUTH a b c", "AUTH a b", "AUTH default x", "ACL WHOAMI")]
    [InlineData("HELLO 4", "HELLO x", "HELLO 3 AUTH a b", "HELLO 2 foo", "HELLO 2 SETNAME", "HELLO 3 SETNAME é", "HELLO 3 AUTH a", "HELLO 1", "HELLO -1")]
    [InlineData("HELLO", "CLIENT GETNAME", "HELLO 3 AUTH default x SETNAME me", "CLIENT GETNAME", "HELLO 2", "HELLO 3", "CLIENT GETNAME", "PING", "HELLO")]
    [InlineData("CLIENT GETNAME", "CLIENT SETNAME me", "CLIENT GETNAME", "CLIENT SETNAME é", "CLIENT SETNAME", "CLIENT SETNAME a b", "RESET", "CLIENT GETNAME")]
    [InlineData("HELLO 3", "CLIENT GETNAME", "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "RESET", "CLIENT TRACKINGINFO", "CLIENT ID", "RESET x")]
    [InlineData("CLIENT TRACKING x", "CLIENT TRACKING OFF", "CLIENT CACHING YES", "HELLO 3", "CLIENT TRACKING ON OPTIN OPTOUT", "CLIENT TRACKING ON foo", "CLIENT TRACKING ON NOLOOP", "CLIENT TRACKINGINFO", "CLIENT GETREDIR", "CLIENT CACHING YES",
        "CLIENT TRACKING ON OPTIN", "CLIENT TRACKING OFF", "CLIENT TRACKING ON OPTOUT", "CLIENT CACHING YES", "CLIENT CACHING x", "CLIENT TRACKINGINFO", "RESET", "CLIENT TRACKINGINFO", "CLIENT TRACKING", "CLIENT CACHING")]
    [InlineData("CLIENT REPLY ON", "CLIENT REPLY x", "CLIENT REPLY", "CLIENT NO-EVICT ON", "CLIENT NO-EVICT OFF", "CLIENT NO-EVICT x", "CLIENT UNPAUSE")]
    [InlineData("CLIENT KILL 1:2", "CLIENT KILL id 99999", "CLIENT KILL foo bar", "CLIENT KILL", "CLIENT KILL id 0", "CLIENT KILL user nobody", "CLIENT KILL type x", "CLIENT KILL addr 1:1 skipme x")]
    [InlineData("CLIENT UNBLOCK 77777", "CLIENT UNBLOCK a", "CLIENT UNBLOCK 3 foo", "CLIENT LIST ID 99999", "CLIENT LIST TYPE x", "CLIENT LIST foo", "CLIENT LIST ID x", "CLIENT LIST TYPE master")]
    [InlineData("CLIENT foo", "CONFIG foo", "OBJECT foo bar", "OBJECT", "CLIENT", "XGROUP foo", "XINFO", "CONFIG GET", "PUBSUB x", "SCRIPT x y")]
    [InlineData("CONFIG GET databases-no", "CONFIG GET a b", "CONFIG GET replica-read-on*", "CONFIG GET TIMEOUT", "ROLE", "CONFIG GET proto-max-bulk-l?n proto-*-bulk-len")]
    [InlineData("QUIT", "PING")]
    public void Replies_are_those_of_a_standalone_server(params string[] lines) => Compare(servers.Redis, lines);

    [Theory]
    [InlineData("CLIENT SETINFO lib-name x", "CLIENT SETINFO LIB-VER 1.2", "CLIENT SETINFO foo x", "CLIENT SETINFO lib-name é", "CLIENT SETINFO lib-ver é", "CLIENT SETINFO")]
    [InlineData("CLIENT NO-TOUCH ON", "CLIENT NO-TOUCH x", "CLIENT KILL MAXAGE 999999", "CLIENT KILL MAXAGE x")]
    public void Replies_are_those_of_a_newer_standalone_server(params string[] lines)
    {
        Prerequisites.Require(Engines.Redis8 is not null, "needs a newer Redis. Run tests/scripts/engines.sh.");
        Compare(servers.All[1], lines);
    }

    [Fact]
    public async Task Passwords_are_asked_for_as_a_server_does()
    {
        await using var server = await RedisProcess.StartAsync(new() { Password = "secret" });
        string[][] sessions =
        [
            ["PING", "ECHO x", "AUTH", "AUTH wrong", "AUTH secret", "ECHO x", "RESET", "ECHO x"],
            ["HELLO 3", "HELLO 3 AUTH default wrong", "HELLO 3 AUTH default secret", "AUTH wrong", "ECHO x"],
            ["AUTH nobody secret", "AUTH default secret", "HELLO 3", "CLIENT ID"],
            ["CLIENT ID", "QUIT"],
        ];
        foreach (var lines in sessions)
            Compare(server, lines, "secret");
    }

    [Fact]
    public void Replies_can_be_turned_off_and_skipped_as_on_a_server()
    {
        string[] lines = ["PING 1", "CLIENT REPLY SKIP", "PING 2", "PING 3", "CLIENT REPLY OFF", "PING 4", "CLIENT REPLY x", "CLIENT REPLY SKIP", "CLIENT REPLY ON", "PING 5",
            "CLIENT REPLY SKIP", "CLIENT REPLY ON", "PING 6", "CLIENT REPLY SKIP", "CLIENT REPLY SKIP", "PING 7", "PING 8"];
        using var client = new RawClient(servers.Redis.Port);
        foreach (var line in lines)
            client.Send(Request.Of(line).Frame.Span);
        var theirs = new StringBuilder();
        while (!theirs.ToString().EndsWith("$1\r\n8\r\n", StringComparison.Ordinal))
            theirs.Append(Encoding.Latin1.GetString(client.Receive()));
        var session = new LocalSession(new());
        Assert.Equal(theirs.ToString(), string.Concat(lines.Select(session.Say)));
    }

    [Fact]
    public void A_subscribed_client_of_the_older_protocol_gets_pongs_that_look_like_messages()
    {
        foreach (var protocol in new[] { "2", "3" })
        {
            using var client = new RawClient(servers.Redis.Port);
            client.Must("HELLO", protocol);
            client.Must("SUBSCRIBE", "c");
            var session = new LocalSession(new());
            session.Say($"HELLO {protocol}");
            session.Client.Subscriptions = (1, 0, 0);
            Assert.Equal(client.Raw("PING"), session.Raw("PING"));
            Assert.Equal(client.Raw("PING", "x"), session.Raw("PING", "x"));
        }
    }

    [Fact]
    public void CLIENT_INFO_has_only_fields_that_a_server_has_and_in_its_order()
    {
        using var client = new RawClient((servers.All.Count > 1 ? servers.All[1] : servers.Redis).Port);
        var session = new LocalSession(new());
        foreach (var protocol in new[] { "2", "3" })
        {
            var theirs = Fields(client, protocol);
            session.Say($"HELLO {protocol} SETNAME me");
            var reply = session.Call("CLIENT INFO");
            Assert.Equal(protocol == "2" ? '$' : '=', reply.Type);
            var ours = reply.Text!.TrimEnd('\n').Split(' ').Select(f => f.Split('=')[0]).ToArray();
            Assert.Equal(theirs.Where(ours.Contains), ours.Where(f => theirs.Contains(f) || !f.StartsWith("lib-", StringComparison.Ordinal)));
            Assert.Contains(" name=me ", reply.Text, StringComparison.Ordinal);
            Assert.EndsWith("\n", reply.Text, StringComparison.Ordinal);
        }

        static string[] Fields(RawClient client, string protocol)
        {
            client.Must("HELLO", protocol);
            return [.. client.Must("CLIENT", "INFO").Text!.TrimEnd('\n').Split(' ').Select(f => f.Split('=')[0])];
        }
    }

    [Fact]
    public void Clients_are_listed_and_killed_by_what_is_asked()
    {
        var session = new LocalSession(new());
        session.Others.Add(new(7, -1) { Address = "127.0.0.1:7", Subscriptions = (1, 0, 0) });
        session.Others.Add(new(8, -1) { Address = "127.0.0.1:8", Blocked = true });
        Assert.Equal([1, 7, 8], Ids("CLIENT LIST"));
        Assert.Equal([7], Ids("CLIENT LIST TYPE pubsub"));
        Assert.Equal([1, 8], Ids("CLIENT LIST ID 8 1 99"));
        Assert.Equal(":1\r\n", session.Say("CLIENT UNBLOCK 8 ERROR"));
        Assert.Equal(":0\r\n", session.Say("CLIENT UNBLOCK 7"));
        Assert.Equal(":1\r\n", session.Say("CLIENT KILL TYPE pubsub"));
        Assert.Equal([7], session.Killed.Select(c => c.Id));
        Assert.Equal("+OK\r\n", session.Say("CLIENT KILL 127.0.0.1:8"));
        Assert.Equal([7, 8], session.Killed.Select(c => c.Id));
        Assert.False(session.Client.IsQuitting);
        Assert.Equal(":1\r\n", session.Say("CLIENT KILL ID 1 SKIPME no"));
        Assert.True(session.Client.IsQuitting);

        IEnumerable<long> Ids(string line) => session.Call(line).Text!.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => long.Parse(l.Split(' ')[0][3..]));
    }

    [Fact]
    public void INFO_shows_one_standalone_master_and_leaves_the_rest_to_the_servers()
    {
        var session = new LocalSession(new() { Version = "7.0.15", Port = 6379 });
        var server = session.Call("INFO server").Text!;
        Assert.StartsWith("# Server\r\nredis_version:7.0.15\r\n", server, StringComparison.Ordinal);
        Assert.Contains("\r\nredis_mode:standalone\r\n", server, StringComparison.Ordinal);
        Assert.Contains("role:master\r\n", session.Call("INFO replication").Text!, StringComparison.Ordinal);
        Assert.Contains("cluster_enabled:0\r\n", session.Call("INFO server cluster").Text!, StringComparison.Ordinal);
        Assert.Null(session.Raw("INFO"));
        Assert.Null(session.Raw("INFO", "keyspace"));
        Assert.Null(session.Raw("INFO", "server", "keyspace"));
        var valkey = new LocalSession(new() { Server = "valkey", Version = "9.1.2", RedisVersion = "7.2.4" }).Call("INFO server").Text!;
        Assert.Contains("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.2\r\n", valkey, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_cluster_can_not_do_is_said_in_its_words()
    {
        var session = new LocalSession(new());
        Assert.Equal("-ERR SELECT is not allowed in cluster mode\r\n", session.Say("SELECT 1"));
        Assert.Equal(["databases", "1"], session.Call("CONFIG GET databases").Texts);
        session.Say("HELLO 3");
        Assert.Equal('%', session.Call("CONFIG GET d*").Type);
    }

    [Fact]
    public void Reads_are_pinned_by_READWRITE_until_READONLY_or_RESET()
    {
        var session = new LocalSession(new());
        Assert.Equal("+OK\r\n", session.Say("READWRITE"));
        Assert.True(session.Client.ReadsFromMaster);
        session.Say("READONLY");
        Assert.False(session.Client.ReadsFromMaster);
        session.Say("READWRITE");
        session.Say("RESET");
        Assert.False(session.Client.ReadsFromMaster);
    }

    private static void Compare(RedisProcess server, string[] lines, string? password = null)
    {
        using var client = new RawClient(server.Port);
        var (id, version) = Look(server, client, password);
        using var fresh = new RawClient(server.Port);
        var session = new LocalSession(new() { Version = version, ClientPassword = password is null ? null : Encoding.UTF8.GetBytes(password) }, id + 1);
        foreach (var line in lines)
        {
            if (session.Client.IsQuitting)
            {
                Assert.True(Record.Exception(() => fresh.Raw(line.Split(' '))) is IOException or System.Net.Sockets.SocketException);
                return;
            }

            // Redis 7.0 says it in fewer words.
            var theirs = Encoding.Latin1.GetString(fresh.Raw(line.Split(' '))).Replace("the HELLO AUTH <user>", "the HELLO <proto> AUTH <user>", StringComparison.Ordinal);
            Assert.Equal($"{line}: {theirs}", $"{line}: {session.Say(line)}");
        }
    }

    private static (long Id, string Version) Look(RedisProcess server, RawClient client, string? password)
    {
        if (password is not null)
            client.Must("AUTH", password);
        var version = client.Must("INFO", "server").Text!.Split("\r\n").First(l => l.StartsWith("redis_version:", StringComparison.Ordinal))["redis_version:".Length..];
        return (client.Must("CLIENT", "ID").Number, version);
    }
}
