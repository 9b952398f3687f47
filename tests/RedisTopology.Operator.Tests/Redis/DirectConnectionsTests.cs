using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Tests.Redis;

/// <summary>The connections that slots are moved through, to a real server.</summary>
public sealed class DirectConnectionsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_kind_of_reply_is_read_and_replies_come_in_the_order_of_the_commands()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Password = "secret" }, Ct);
        using var servers = new DirectConnections("secret", Patience);
        var large = new string('x', 300_000);
        Assert.Equal("OK", (string?)await servers.ExecuteAsync(server.Endpoint, "SET", "text", large));
        Assert.Equal(large, (string?)await servers.ExecuteAsync(server.Endpoint, "GET", "text"));
        Assert.True((await servers.ExecuteAsync(server.Endpoint, "GET", "none")).IsNull);
        Assert.Equal(2, (long)await servers.ExecuteAsync(server.Endpoint, "RPUSH", "list", new byte[] { 1, 0, 255 }, 7));
        Assert.Equal([[1, 0, 255], "7"u8.ToArray()], (byte[][])(await servers.ExecuteAsync(server.Endpoint, "LRANGE", "list", 0, -1))!);
        Assert.Empty((byte[][])(await servers.ExecuteAsync(server.Endpoint, "KEYS", "nothing*"))!);
        var error = await Assert.ThrowsAsync<RedisServerException>(() => servers.ExecuteAsync(server.Endpoint, "INCR", "list"));
        Assert.StartsWith("WRONGTYPE", error.Message, StringComparison.Ordinal);

        var counted = await Task.WhenAll(servers.ExecuteAllAsync(server.Endpoint, "INCRBY", [.. Enumerable.Range(0, 5000).Select(_ => new object[] { "counter", 2 })]));
        Assert.Equal(Enumerable.Range(1, 5000).Select(i => 2L * i), counted.Select(c => (long)c));
    }

    [Fact]
    public async Task A_server_that_speaks_TLS_is_known_by_authority_and_name_whatever_the_time()
    {
        using var port = PortLease.Take();
        using var directory = TestDirectory.Create("tls");
        var now = TimeProvider.System.GetUtcNow();
        var lifetimes = new CertificateLifetimes { Served = TimeSpan.FromHours(1) };
        var expired = IssuedCertificates.Next(null, new CertificateProfile("own", ["blog.shop.svc"], lifetimes) { IsPeer = true }, now.AddDays(-2));
        foreach (var (name, data) in expired.ToData())
            await File.WriteAllBytesAsync(directory[name], data, Ct);
        var options = new RedisProcessOptions { Password = "secret" };
        foreach (var line in new[] { $"tls-port {port.Port}", "tls-auth-clients no", $"tls-cert-file {directory["tls.crt"]}", $"tls-key-file {directory["tls.key"]}", $"tls-ca-cert-file {directory["ca.crt"]}" })
            options.Config.Add(line);
        await using var server = await RedisProcess.StartAsync(options, Ct);
        var address = $"127.0.0.1:{port.Port}";
        var trust = new ServerTrust("blog.shop.svc", expired.Authorities);
        Assert.Equal(ServerCertificates.Read(expired.ToData()).Certificates!.Fingerprint, await trust.FingerprintAsync(RedisEndpoint.Of(address), Patience));

        using var servers = new DirectConnections("secret", Patience, trust);
        var large = new string('x', 300_000);
        Assert.Equal("OK", (string?)await servers.ExecuteAsync(address, "SET", "text", large));
        Assert.Equal(large, (string?)await servers.ExecuteAsync(address, "GET", "text"));
        await using var connections = new RedisConnections();
        var pooled = await connections.OpenAsync(new ObjectKey("shop", "blog"), "secret", trust, [(address, "c")]);
        Assert.Equal("PONG", (string?)await pooled.ExecuteAsync(address, "PING"));

        var other = IssuedCertificates.Next(null, new CertificateProfile("other", ["blog.shop.svc"], lifetimes), now).Authorities;
        foreach (var stranger in new[] { trust with { Name = "blog.other.svc" }, trust with { Authorities = other } })
        {
            Assert.Null(await stranger.FingerprintAsync(RedisEndpoint.Of(address), Patience));
            using var direct = new DirectConnections("secret", Patience, stranger);
            await Assert.ThrowsAsync<RedisUnavailableException>(() => direct.ExecuteAsync(address, "PING"));
            var session = await connections.OpenAsync(new ObjectKey("shop", stranger.Name), "secret", stranger, [(address, "c")]);
            // The library tells why once its attempt has ended, which takes a busy machine a while.
            var refusal = await Eventually.ThatAsync(
                () => Assert.ThrowsAsync<RedisUnavailableException>(() => session.ExecuteAsync(address, "PING")),
                e => e.Message.StartsWith(RedisUnavailableException.NotVerified, StringComparison.Ordinal),
                Patience,
                ct: Ct);
            Assert.False(refusal.MayBePassword);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_knows_another_password_is_told_from_one_that_refuses_a_command()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Password = "secret" }, Ct);
        using var servers = new DirectConnections("wrong", Patience);
        var stranger = await Assert.ThrowsAsync<RedisUnavailableException>(() => servers.ExecuteAsync(server.Endpoint, "PING"));
        Assert.Equal(RedisUnavailableException.WrongPassword, stranger.Message);

        await server.KillAsync();
        var absent = await Assert.ThrowsAsync<RedisUnavailableException>(() => servers.ExecuteAsync(server.Endpoint, "PING"));
        Assert.Equal(RedisUnavailableException.Refused, absent.Message);
    }

    [Fact]
    public async Task A_server_that_falls_silent_is_given_up_and_asked_anew()
    {
        await using var server = await RedisProcess.StartAsync(ct: Ct);
        using var servers = new DirectConnections("", TimeSpan.FromSeconds(2));
        await servers.ExecuteAsync(server.Endpoint, "PING");
        server.Freeze();
        var (first, second) = (servers.ExecuteAsync(server.Endpoint, "PING"), servers.ExecuteAsync(server.Endpoint, "PING"));
        var silence = await Assert.ThrowsAsync<RedisUnavailableException>(() => first);
        Assert.Equal("no answer within 2 s", silence.Message);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => second);

        server.Resume();
        await Eventually.ThatAsync(
            async () =>
            {
                try
                {
                    return (string?)await servers.ExecuteAsync(server.Endpoint, "PING");
                }
                catch (RedisUnavailableException)
                {
                    return null;
                }
            },
            reply => reply == "PONG",
            Patience,
            ct: Ct);
    }

    [Fact]
    public async Task Nothing_waits_for_a_reply_once_the_connections_are_closed()
    {
        await using var server = await RedisProcess.StartAsync(ct: Ct);
        var servers = new DirectConnections("", Patience);
        await servers.ExecuteAsync(server.Endpoint, "PING");
        server.Freeze();
        var waiting = servers.ExecuteAsync(server.Endpoint, "PING");
        servers.Dispose();
        await Assert.ThrowsAsync<RedisUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<RedisUnavailableException>(() => servers.ExecuteAsync(server.Endpoint, "PING"));
        server.Resume();
    }
}
