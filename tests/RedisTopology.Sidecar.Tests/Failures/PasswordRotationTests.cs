using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Failures;

/// <summary>Passwords change while the sidecar runs: that of the servers, and that of its own clients.</summary>
public sealed class PasswordRotationTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    // Which leaves out answers to passwords that are sent together.
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_new_password_of_the_servers_is_met_whoever_learns_it_first(bool fileFirst, bool newer)
    {
        Prerequisites.Require(!newer || Engines.Redis8 is not null, "needs a newer Redis. Run tests/scripts/engines.sh.");
        var options = new RedisProcessOptions { Password = "before" };
        if (newer)
            options.Binary = Engines.Redis8!;
        await using var cluster = await LocalCluster.StartAsync(3, options: options, ct: Ct);
        using var directory = TestDirectory.Create("rotation");
        await File.WriteAllTextAsync(directory["password"], "before\n", Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, [$"passwordFile: {directory["password"]}"], ct: Ct);
        using var client = new RawClient(sidecar.Port);
        var direct = cluster.Masters.Select(m => Authenticated(m, "before")).ToList();
        SetEverywhere(client);

        if (fileFirst)
        {
            await File.WriteAllTextAsync(directory["password"], "after\n", Ct);
            Disconnect(direct);
            SetEverywhere(client);
        }

        // One server after the other, and each drops its connections: new ones meet servers that know both, one or the other.
        foreach (var server in direct)
        {
            Must("+OK", server.Call("ACL", "SETUSER", "default", fileFirst ? "resetpass" : "on", ">after"));
            Disconnect(direct);
            SetEverywhere(client);
        }

        await File.WriteAllTextAsync(directory["password"], "after\n", Ct);
        Disconnect(direct);
        SetEverywhere(client);

        // The old one is taken away.
        foreach (var server in direct)
            Must("+OK", server.Call("ACL", "SETUSER", "default", "resetpass", ">after"));
        Disconnect(direct);
        SetEverywhere(client);
        direct.ForEach(d => d.Dispose());
    }

    /// <summary>What the monitor has open stays, and so does the map: that nothing else can be opened must be told all the same, and that it can be again, though no client asks for anything.</summary>
    [Fact]
    public async Task A_password_that_servers_refuse_is_told_by_readyz_until_they_take_it()
    {
        await using var cluster = await LocalCluster.StartAsync(3, options: new() { Password = "before" }, ct: Ct);
        using var directory = TestDirectory.Create("rotation");
        await File.WriteAllTextAsync(directory["password"], "before", Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, [$"passwordFile: {directory["password"]}", "failoverBuffer: 1s"], ct: Ct);
        using var client = new RawClient(sidecar.Port);
        SetEverywhere(client);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.AdminPort}") };
        Assert.Equal("ok\n", await ReadyAsync(http));

        var direct = cluster.Masters.Select(m => Authenticated(m, "before")).ToList();
        direct.ForEach(d => Must("+OK", d.Call("ACL", "SETUSER", "default", "resetpass", ">after")));
        foreach (var server in direct)
        {
            // The monitor asks for offsets all the time; what is left are the loop's.
            foreach (var line in server.Call("CLIENT", "LIST").Split('\n').Where(l => l.Contains(" cmd=set ", StringComparison.Ordinal)))
                Must(":1", server.Call("CLIENT", "KILL", "ID", line.Split(' ')[0][(line.IndexOf("id=", StringComparison.Ordinal) + 3)..]));
        }

        var told = await Eventually.ThatAsync(() => ReadyAsync(http), text => text.Split('\n').Length == 4, Limit, ct: Ct);
        Assert.All(told.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^shard [012]: no connection to its master 127.0.0.1:[0-9]+ could be opened for [0-9]+ s: WRONGPASS", line));
        Assert.Contains("\"refusal\": \"WRONGPASS", await http.GetStringAsync("/topology", Ct), StringComparison.Ordinal);

        await File.WriteAllTextAsync(directory["password"], "after", Ct);
        await Eventually.ThatAsync(() => ReadyAsync(http), text => text == "ok\n", Limit, ct: Ct);
        Assert.DoesNotContain("refusal", await http.GetStringAsync("/topology", Ct), StringComparison.Ordinal);
        direct.ForEach(d => d.Dispose());
    }

    [Fact]
    public async Task Clients_that_have_authenticated_stay_and_new_ones_need_the_new_password()
    {
        await using var cluster = await LocalCluster.StartAsync(1, ct: Ct);
        using var directory = TestDirectory.Create("rotation");
        await File.WriteAllTextAsync(directory["clients"], "before", Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, [$"clientPasswordFile: {directory["clients"]}"], ct: Ct);
        using var former = new RawClient(sidecar.Port);
        Assert.StartsWith("NOAUTH", former.Call("SET", "k", "1").Text, StringComparison.Ordinal);
        Assert.Equal("OK", former.Call("AUTH", "before").Text);
        Assert.Equal("OK", former.Call("SET", "k", "1").Text);

        await File.WriteAllTextAsync(directory["clients"], "after", Ct);
        using var fresh = new RawClient(sidecar.Port);
        await Eventually.ThatAsync(() => Task.FromResult(fresh.Call("AUTH", "after").Text), t => t == "OK", Limit, ct: Ct);
        Assert.Equal("OK", fresh.Call("SET", "k", "2").Text);
        using var late = new RawClient(sidecar.Port);
        Assert.StartsWith("WRONGPASS", late.Call("AUTH", "before").Text, StringComparison.Ordinal);
        Assert.StartsWith("NOAUTH", late.Call("GET", "k").Text, StringComparison.Ordinal);
        Assert.Equal("2", former.Call("GET", "k").Text);
    }

    private static async Task<string> ReadyAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/readyz", Ct);
        return await answer.Content.ReadAsStringAsync(Ct);
    }

    private static RespSocket Authenticated(RedisProcess server, string password)
    {
        var socket = RespSocket.Connect(server.Port);
        Must("+OK", socket.Call("AUTH", password));
        return socket;
    }

    // All but the one that asks.
    private static void Disconnect(List<RespSocket> servers) => servers.ForEach(s => Must(":", s.Call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")));

    private static void SetEverywhere(RawClient client)
    {
        for (var i = 0; i < 30; i++)
        {
            // A write that was under way when its connection was dropped may have been carried out: that is said, and no other error is.
            var reply = client.Call("SET", $"rotation:{i}", "x").Text;
            Assert.True(reply == "OK" || reply!.Contains("may have been executed", StringComparison.Ordinal), reply);
        }
    }

    private static void Must(string begins, string reply) => Assert.StartsWith(begins, reply, StringComparison.Ordinal);
}
