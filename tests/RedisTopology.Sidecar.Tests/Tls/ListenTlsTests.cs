using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RedisTopology.Sidecar.Tests.Clients;
using RedisTopology.Testing;
using StackExchange.Redis;

namespace RedisTopology.Sidecar.Tests.Tls;

/// <summary>TLS between unmodified clients and the sidecar.</summary>
public sealed class ListenTlsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly TestAuthority _authority = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unmodified_clients_work_and_plain_text_is_refused()
    {
        Prerequisites.Program("redis-cli", "redis-tools");
        await using var cluster = await LocalCluster.StartAsync(3, ct: Ct);
        await using var sidecar = await SidecarAsync(cluster);
        using (var plain = sidecar.Connect())
        {
            Assert.Equal("-ERR this port takes TLS alone\r\n", plain.Call("PING"));
            Assert.Throws<IOException>(() => plain.ReadFrame());
        }

        var port = sidecar.Port.ToString(CultureInfo.InvariantCulture);
        string[] tls = ["-p", port, "--tls", "--cacert", _authority.CaFile, "--sni", TestAuthority.ServerName];
        Assert.Equal("OK\n", await ClientProgram.RunAsync("redis-cli", [.. tls, "SET", "cli", "1"]));
        Assert.Equal("1\n", await ClientProgram.RunAsync("redis-cli", [.. tls, "GET", "cli"]));

        using var multiplexer = await ConnectionMultiplexer.ConnectAsync(Configuration(sidecar));
        var database = multiplexer.GetDatabase();
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => database.StringSetAsync($"k{i}", $"v{i}")));
        var read = await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => database.StringGetAsync($"k{i}")));
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => (RedisValue)$"v{i}"), read);
        var great = new byte[20 << 20];
        Random.Shared.NextBytes(great);
        Assert.True(await database.StringSetAsync("great", great));
        byte[] back = (await database.StringGetAsync("great"))!;
        Assert.True(great.AsSpan().SequenceEqual(back));
        var heard = new TaskCompletionSource<RedisValue>();
        await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Literal("news"), (_, message) => heard.TrySetResult(message));
        await database.PublishAsync(RedisChannel.Literal("news"), "hello");
        Assert.Equal("hello", await heard.Task.WaitAsync(Limit, Ct));
    }

    [Fact]
    public async Task A_client_that_reads_late_gets_everything_and_one_that_writes_a_byte_at_a_time_is_understood()
    {
        await using var cluster = await LocalCluster.StartAsync(1, ct: Ct);
        await using var sidecar = await SidecarAsync(cluster);
        await using var client = await ConnectAsync(sidecar);
        var value = new string('v', 1 << 20);
        await client.WriteAsync(RespSocket.Encode("SET", "k", value), Ct);
        Assert.Equal("+OK\r\n", await ReadAsync(client, 5));
        // More than all buffers on the way hold.
        const int Many = 60;
        for (var i = 0; i < Many; i++)
            await client.WriteAsync(RespSocket.Encode("GET", "k"), Ct);
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Ct);
        for (var i = 0; i < Many; i++)
            Assert.Equal($"$1048576\r\n{value}\r\n", await ReadAsync(client, value.Length + 12));
        foreach (var b in RespSocket.Encode("ECHO", "slowly"))
            await client.WriteAsync(new[] { b }, Ct);
        Assert.Equal("$6\r\nslowly\r\n", await ReadAsync(client, 12));
        await client.WriteAsync(RespSocket.Encode("QUIT"), Ct);
        Assert.Equal("+OK\r\n", await ReadAsync(client, 5));
        Assert.Equal(0, await client.ReadAsync(new byte[1], Ct));
    }

    /// <summary>After a great value the next request is read into a chunk of its own, 128 KiB less 64 bytes: of eight records of 16 KiB the library then holds the last 64 bytes.</summary>
    [Fact]
    public async Task What_the_library_holds_when_a_chunk_is_full_is_taken_though_the_socket_has_nothing_more()
    {
        await using var cluster = await LocalCluster.StartAsync(1, ct: Ct);
        await using var sidecar = await SidecarAsync(cluster);
        await using var client = await ConnectAsync(sidecar);
        await client.WriteAsync(RespSocket.Encode("SET", "k", new string('v', 64 << 10)), Ct);
        Assert.Equal("+OK\r\n", await ReadAsync(client, 5));
        byte[] echo = RespSocket.Encode("ECHO", new string('e', 1_000)), last = RespSocket.Encode("ECHO", new string('l', ((128 << 10) % echo.Length) - 22));
        var batch = Enumerable.Repeat(echo, (128 << 10) / echo.Length).Append(last).SelectMany(b => b).ToArray();
        Assert.Equal(128 << 10, batch.Length);
        // All of it has come when the loop looks.
        sidecar.Process.Freeze();
        await client.WriteAsync(batch, Ct);
        sidecar.Process.Resume();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        limit.CancelAfter(Limit);
        await client.ReadExactlyAsync(new byte[batch.Length - (14 * (((128 << 10) / echo.Length) + 1))], limit.Token);
    }

    [Fact]
    public async Task A_new_certificate_is_shown_to_new_clients_and_those_there_are_stay()
    {
        await using var cluster = await LocalCluster.StartAsync(1, ct: Ct);
        await using var sidecar = await SidecarAsync(cluster);
        await using var former = await ConnectAsync(sidecar);
        _authority.Issue("listen", "second.shop.svc");
        await Eventually.ThatAsync(
            async () =>
            {
                await using var fresh = await ConnectAsync(sidecar);
                return fresh.RemoteCertificate!.Subject;
            },
            subject => subject == "CN=second.shop.svc",
            Limit,
            ct: Ct);
        await former.WriteAsync(RespSocket.Encode("ECHO", "still"), Ct);
        Assert.Equal("$5\r\nstill\r\n", await ReadAsync(former, 11));
    }

    [Fact]
    public async Task Clients_show_a_certificate_where_that_is_asked_for()
    {
        using var other = new TestAuthority("CN=another");
        await using var cluster = await LocalCluster.StartAsync(1, ct: Ct);
        await using var sidecar = await SidecarAsync(cluster, $"  clientCaFile: {_authority.CaFile}");
        var port = sidecar.Port.ToString(CultureInfo.InvariantCulture);
        string[] tls = ["-p", port, "--tls", "--cacert", _authority.CaFile, "--sni", TestAuthority.ServerName];
        var (_, certificate, key) = _authority.Issue("client", "app");
        Assert.Equal("OK\n", await ClientProgram.RunAsync("redis-cli", [.. tls, "--cert", certificate, "--key", key, "SET", "k", "1"]));
        foreach (var (identity, says) in new[] { (Identity(other.Issue("client", "app")), "is issued by CN=another, which is none of the authorities in listenTls.clientCaFile"), (null, "it shows no certificate") })
        {
            // One line a second.
            await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System, Ct);
            var refused = await Record.ExceptionAsync(async () =>
            {
                await using var client = await ConnectAsync(sidecar, identity);
                await client.WriteAsync(RespSocket.Encode("PING"), Ct);
                await ReadAsync(client, 7);
            });
            Assert.True(refused is IOException or AuthenticationException, $"{refused}");
            await Eventually.ThatAsync(() => Task.FromResult(sidecar.Process.LogTail()), t => t.Contains(says, StringComparison.Ordinal), Limit, ct: Ct);
        }
    }

    public void Dispose() => _authority.Dispose();

    private static X509Certificate2 Identity((string CaFile, string CertificateFile, string KeyFile) files) => X509Certificate2.CreateFromPemFile(files.CertificateFile, files.KeyFile);

    private static async Task<string> ReadAsync(SslStream client, int length)
    {
        var bytes = new byte[length];
        await client.ReadExactlyAsync(bytes, Ct);
        return Encoding.ASCII.GetString(bytes);
    }

    private async Task<SidecarProcess> SidecarAsync(LocalCluster cluster, params string[] more)
    {
        var (_, certificate, key) = _authority.Issue("listen");
        var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ["listenTls:", $"  certificateFile: {certificate}", $"  keyFile: {key}", .. more], ct: Ct);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.AdminPort}") };
        await Eventually.ThatAsync(() => ServerTlsTests.PageAsync(http, "/readyz"), text => text == "ok\n", Limit, ct: Ct);
        return sidecar;
    }

    private ConfigurationOptions Configuration(SidecarProcess sidecar)
    {
        var configuration = ConfigurationOptions.Parse($"127.0.0.1:{sidecar.Port},ssl=true,sslHost={TestAuthority.ServerName},abortConnect=false,syncTimeout=30000,asyncTimeout=30000,connectTimeout=30000");
        configuration.TrustIssuer(_authority.CaFile);
        return configuration;
    }

    // Whatever the name, but of this authority.
    private async Task<SslStream> ConnectAsync(SidecarProcess sidecar, X509Certificate2? identity = null)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", sidecar.Port, Ct);
        var stream = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(_authority.CaFile);
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = TestAuthority.ServerName,
                ClientCertificateContext = identity is null ? null : SslStreamCertificateContext.Create(identity, null, offline: true),
                CertificateChainPolicy = policy,
                RemoteCertificateValidationCallback = (_, _, _, errors) => errors is SslPolicyErrors.None or SslPolicyErrors.RemoteCertificateNameMismatch,
            },
            Ct);
        return stream;
    }
}
