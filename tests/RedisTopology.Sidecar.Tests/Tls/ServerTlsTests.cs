using System.Globalization;
using RedisTopology.Sidecar.Tests.Failures;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Tls;

/// <summary>TLS between the sidecar and real servers.</summary>
public sealed class ServerTlsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TestAuthority _authority = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_goes_through_plain_text_goes_through_TLS()
    {
        await using var cluster = await StartAsync(3, 1);
        await using var sidecar = await SidecarAsync(cluster);
        using var client = sidecar.Connect();
        for (var i = 0; i < 300; i++)
            Assert.Equal("+OK\r\n", client.Call("SET", $"k{i}", Text(i)));
        for (var i = 0; i < 300; i++)
            Assert.Equal($"${Text(i).Length}\r\n{i}\r\n", client.Call("GET", $"k{i}"));
        Assert.Equal("*3\r\n$1\r\n1\r\n$1\r\n2\r\n$-1\r\n", client.Call("MGET", "k1", "k2", "none"));
        Assert.Equal(":300\r\n", client.Call("DBSIZE"));

        Assert.Equal("+OK\r\n", client.Call("WATCH", "{t}a"));
        Assert.Equal("+OK\r\n", client.Call("MULTI"));
        Assert.Equal("+QUEUED\r\n", client.Call("INCR", "{t}a"));
        Assert.Equal("+QUEUED\r\n", client.Call("INCR", "{t}b"));
        Assert.Equal("*2\r\n:1\r\n:1\r\n", client.Call("EXEC"));

        using var waiting = sidecar.Connect();
        waiting.Send("BLPOP", "list", "30");
        using var listening = sidecar.Connect();
        Assert.Equal("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n", listening.Call("SUBSCRIBE", "news"));
        Assert.Equal(":1\r\n", client.Call("RPUSH", "list", "x"));
        Assert.Equal("*2\r\n$4\r\nlist\r\n$1\r\nx\r\n", System.Text.Encoding.ASCII.GetString(waiting.ReadFrame()));
        client.Call("PUBLISH", "news", "hello");
        Assert.Equal("*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n", System.Text.Encoding.ASCII.GetString(listening.ReadFrame()));

        // No server was spoken to in plain text.
        foreach (var node in cluster.Nodes)
            Assert.DoesNotContain($" laddr=127.0.0.1:{node.Port} ", Others((string)(await node.ExecuteAsync("CLIENT", "LIST"))!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Great_values_and_deep_pipelines_are_whole()
    {
        await using var cluster = await StartAsync(2, 0);
        await using var sidecar = await SidecarAsync(cluster);
        using var client = sidecar.Connect();
        var great = string.Create(64 << 20, 0, (span, _) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = (char)('a' + ((i * 7 / 3) % 26));
        });
        Assert.Equal("+OK\r\n", client.Call("SET", "great", great));
        Assert.Equal($"${great.Length}\r\n{great}\r\n", client.Call("GET", "great"));

        const int Deep = 3000;
        var value = new string('v', 3000);
        for (var i = 0; i < Deep; i++)
            client.Send([.. RespSocket.Encode("SET", $"deep:{i}", value + Text(i)), .. RespSocket.Encode("GET", $"deep:{i}")]);
        for (var i = 0; i < Deep; i++)
        {
            Assert.Equal("+OK\r\n", System.Text.Encoding.ASCII.GetString(client.ReadFrame()));
            Assert.Equal($"${value.Length + Text(i).Length}\r\n{value}{i}\r\n", System.Text.Encoding.ASCII.GetString(client.ReadFrame()));
        }
    }

    [Fact]
    public async Task A_killed_master_and_a_new_certificate_are_not_seen()
    {
        await using var cluster = await StartAsync(3, 1, "cluster-node-timeout 2000", "cluster-replica-validity-factor 0");
        await using var sidecar = await SidecarAsync(cluster);
        using var load = new CounterLoad(sidecar);
        await load.RunsAsync();
        var (_, certificate, key) = _authority.Issue("renewed");
        foreach (var node in cluster.Nodes)
        {
            await node.ExecuteAsync("CONFIG", "SET", "tls-cert-file", certificate, "tls-key-file", key);
            await load.RunsAsync();
        }

        Assert.Empty(load.Errors);
        await cluster.Masters[0].KillAsync();
        await Eventually.ThatAsync(async () => (string)(await cluster.Replicas[0].ExecuteAsync("INFO", "replication"))!, t => t.Contains("role:master", StringComparison.Ordinal), Limit, ct: Ct);
        await load.RunsAsync();
        load.Stop();
        TestContext.Current.SendDiagnosticMessage($"TLS, kill -9: {load}");
        Assert.All(load.Errors, e => Assert.Contains("may have been executed", e, StringComparison.Ordinal));
    }

    // How long that takes is printed: about the same with and without.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_frozen_server_is_given_up_as_in_plain_text(bool tls)
    {
        await using var cluster = await StartAsync(1, 1, "cluster-node-timeout 30000");
        string[] eventual = ["consistency: Eventual"];
        await using var sidecar = tls ? await SidecarAsync(cluster, eventual) : await SidecarProcess.StartAsync(cluster.Seeds, eventual, ct: Ct);
        using var load = new CounterLoad(sidecar);
        await load.RunsAsync();
        // Every other command is a read that it is asked for.
        cluster.Replicas[0].Freeze();
        await load.RunsAsync();
        load.Stop();
        TestContext.Current.SendDiagnosticMessage($"frozen replica, TLS {tls}: {load}");
        Assert.Empty(load.Errors);
        cluster.Replicas[0].Resume();
    }

    [Fact]
    public async Task The_authorities_are_read_anew_and_what_is_none_changes_nothing()
    {
        using var next = new TestAuthority("CN=next authority");
        var bundle = _authority["bundle.crt"];
        await File.WriteAllTextAsync(bundle, _authority.Pem, Ct);
        await using var cluster = await StartAsync(1, 0);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.TlsSeeds, Options(bundle), ct: Ct);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.AdminPort}") };
        using var client = sidecar.Connect();
        Assert.Equal("+OK\r\n", client.Call("SET", "k", "1"));

        await ReplaceAsync(bundle, "nothing\n");
        await Eventually.ThatAsync(() => http.GetStringAsync("/metrics", Ct), text => text.Contains("_config_reload_failed 1\n", StringComparison.Ordinal), Limit, ct: Ct);
        Assert.Contains($"sidecar.yaml:6: tls.caFile: {bundle} holds no certificate", sidecar.Process.LogTail(), StringComparison.Ordinal);
        await DisconnectAsync(cluster);
        Assert.Equal("+OK\r\n", client.Call("SET", "k", "2"));

        // Old and new, then the server's certificate of the new one, then the new one alone.
        await ReplaceAsync(bundle, _authority.Pem + next.Pem);
        await Eventually.ThatAsync(() => http.GetStringAsync("/metrics", Ct), text => text.Contains("_config_reload_failed 0\n", StringComparison.Ordinal), Limit, ct: Ct);
        var (_, certificate, key) = next.Issue();
        await cluster.Nodes[0].ExecuteAsync("CONFIG", "SET", "tls-cert-file", certificate, "tls-key-file", key);
        await DisconnectAsync(cluster);
        Assert.Equal("+OK\r\n", client.Call("SET", "k", "3"));
        await ReplaceAsync(bundle, next.Pem);
        await Eventually.ThatAsync(() => Task.FromResult(sidecar.Process.LogTail()), text => text.Split("the files of TLS have another content").Length == 3, Limit, ct: Ct);
        await DisconnectAsync(cluster);
        Assert.Equal("+OK\r\n", client.Call("SET", "k", "4"));
    }

    /// <summary>Where slots are is known from before: what is wrong is what its own connections meet.</summary>
    [Fact]
    public async Task A_server_that_becomes_another_one_makes_it_not_ready_and_it_is_said_why()
    {
        await using var cluster = await StartAsync(1, 0);
        await using var sidecar = await SidecarAsync(cluster, "failoverBuffer: 0s");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.AdminPort}") };
        await Eventually.ThatAsync(() => PageAsync(http, "/readyz"), text => text.StartsWith("ok", StringComparison.Ordinal), Limit, ct: Ct);
        using var other = new TestAuthority("CN=another");
        var (_, certificate, key) = other.Issue();
        await cluster.Nodes[0].ExecuteAsync("CONFIG", "SET", "tls-cert-file", certificate, "tls-key-file", key);
        await DisconnectAsync(cluster);
        await Eventually.ThatAsync(
            () => PageAsync(http, "/readyz"),
            text => text.Contains("no connection to its master ", StringComparison.Ordinal) && text.Contains("TLS: its certificate is issued by CN=another, which is none of the authorities in tls.caFile ", StringComparison.Ordinal),
            Limit,
            ct: Ct);
    }

    [Theory]
    [InlineData("name", "its certificate is for elsewhere.shop.svc, 127.9.9.9, not for blog-cache.shop.svc: correct tls.serverName")]
    [InlineData("expired", "its certificate has expired at ")]
    [InlineData("authority", "its certificate is issued by CN=test authority, which is none of the authorities in tls.caFile ")]
    [InlineData("namesake", "its certificate is issued by CN=test authority, which is none of the authorities in tls.caFile ")]
    [InlineData("plain", "it hangs, or speaks plain text at this port")]
    [InlineData("silent", "it hangs, or speaks plain text at this port")]
    public async Task A_server_that_is_not_the_right_one_is_refused_and_it_is_said_why(string wrong, string says)
    {
        using var other = new TestAuthority(wrong == "namesake" ? "CN=test authority" : "CN=another");
        var tls = wrong switch { "name" => _authority.Issue(name: "elsewhere.shop.svc"), "expired" => _authority.Issue(days: -1), _ => _authority.Issue() };
        await using var cluster = await LocalCluster.StartAsync(1, options: new RedisProcessOptions { Tls = tls }, ct: Ct);
        if (wrong == "silent")
            cluster.Nodes[0].Freeze();
        var seeds = wrong == "plain" ? cluster.Seeds : cluster.TlsSeeds;
        var (port, admin) = (PortLease.Take(), PortLease.Take());
        using var _ = port;
        using var __ = admin;
        string[] flags = ["--seeds", seeds, "--listen", $"127.0.0.1:{port.Port}", "--admin", $"127.0.0.1:{admin.Port}", "--tls-ca-file", wrong is "authority" or "namesake" ? other.CaFile : _authority.CaFile, "--tls-server-name", TestAuthority.ServerName];
        await using var process = ManagedProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "redis-topology-sidecar.dll"), .. flags], _authority["log"]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{admin.Port}") };
        foreach (var page in (string[])["/readyz", "/topology"])
            await Eventually.ThatAsync(() => PageAsync(http, page), text => text.Contains(says, StringComparison.Ordinal), Limit, ct: Ct, describe: t => $"{t}\n{process.LogTail()}");
        await Eventually.ThatAsync(() => Task.FromResult(process.LogTail()), text => text.Contains(says, StringComparison.Ordinal), Limit, ct: Ct);
    }

    public void Dispose() => _authority.Dispose();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // As the kubelet does: the name leads to another file from one moment to the next.
    private static async Task ReplaceAsync(string file, string text)
    {
        await File.WriteAllTextAsync($"{file}.new", text, Ct);
        File.Move($"{file}.new", file, overwrite: true);
    }

    // New connections have to be made. Nothing is under way on those there are.
    private static async Task DisconnectAsync(LocalCluster cluster)
    {
        foreach (var node in cluster.Nodes)
            await node.ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    }

    // All but the one that asks.
    private static string Others(string clients) => string.Join('\n', clients.Split('\n').Where(c => !c.Contains("cmd=client|list", StringComparison.Ordinal)));

    private Task<LocalCluster> StartAsync(int masters, int replicas, params string[] config)
    {
        var options = new RedisProcessOptions { Tls = _authority.Issue() };
        foreach (var line in config)
            options.Config.Add(line);
        return LocalCluster.StartAsync(masters, replicas, options, Ct);
    }

    /// <summary>A page of the admin server, whatever its status; why there is none.</summary>
    internal static async Task<string> PageAsync(HttpClient http, string page)
    {
        try
        {
            using var answer = await http.GetAsync(page, Ct);
            return System.Text.RegularExpressions.Regex.Unescape(await answer.Content.ReadAsStringAsync(Ct));
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }

    private string[] Options(string? caFile = null) => ["tls:", $"  caFile: {caFile ?? _authority.CaFile}", $"  serverName: {TestAuthority.ServerName}"];

    private Task<SidecarProcess> SidecarAsync(LocalCluster cluster, params string[] options) => SidecarProcess.StartAsync(cluster.TlsSeeds, [.. options, .. Options()], ct: Ct);
}
