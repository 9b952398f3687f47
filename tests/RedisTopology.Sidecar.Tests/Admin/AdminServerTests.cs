using System.Net;
using Microsoft.Extensions.Logging;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Admin;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Logging;
using RedisTopology.Sidecar.Metrics;
using RedisTopology.Sidecar.Tests.Topology;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Tests.Admin;

public sealed class AdminServerTests : IAsyncLifetime
{
    private readonly StringWriter _log = new();
    private readonly LoopMetrics[] _loops = [new() { LastTurn = Environment.TickCount64 }, new()];
    private readonly HttpClient _http = new();
    private AdminServer? _server;
    private FixedTopology? _topology;
    private bool _accepting = true;

    [Fact]
    public async Task It_is_ready_when_every_slot_has_an_owner()
    {
        await StartAsync(HashSlot.Count);
        Assert.Equal((200, "ok\n"), await GetAsync("/livez"));
        Assert.Equal((200, "ok\n"), await GetAsync("/readyz"));
        _accepting = false;
        Assert.Equal((503, "clients are not accepted: starting or draining\n"), await GetAsync("/readyz"));
        Assert.Equal((200, "ok\n"), await GetAsync("/livez"));
    }

    [Theory]
    [InlineData(-1, "the topology is not known yet: no seed has answered\n")]
    [InlineData(16383, "slots without an owner: 16383\n")]
    [InlineData(100, "slots without an owner: 100-16383\n")]
    public async Task It_says_why_it_is_not_ready(int slots, string expected)
    {
        await StartAsync(slots);
        Assert.Equal((503, expected), await GetAsync("/readyz"));
        Assert.Equal((200, "ok\n"), await GetAsync("/livez"));
    }

    [Fact]
    public async Task A_master_that_refuses_connections_for_longer_than_a_failover_takes_is_told()
    {
        await StartAsync(HashSlot.Count);
        var master = _topology!.Current.Shards[0].Master!;
        (master.RefusesSince, master.Refusal) = (Environment.TickCount64 - 1000, "Connection refused");
        Assert.Equal((200, "ok\n"), await GetAsync("/readyz"));
        (master.RefusesSince, master.Refusal) = (Environment.TickCount64 - 9000, "WRONGPASS invalid");
        var (status, text) = await GetAsync("/readyz");
        Assert.Equal(503, status);
        Assert.Matches("^shard 0: no connection to its master 127.0.0.1:7000 could be opened for [0-9]+ s: WRONGPASS invalid\n$", text);
        Assert.Equal((200, "ok\n"), await GetAsync("/livez"));
        _topology.Current.Shards[0].Replicas[0].RefusesSince = Environment.TickCount64 - 9000;
        master.RefusesSince = 0;
        Assert.Equal((200, "ok\n"), await GetAsync("/readyz"));
    }

    [Fact]
    public async Task A_loop_that_hangs_is_told()
    {
        await StartAsync(HashSlot.Count);
        _loops[0].LastTurn = Environment.TickCount64 - HealthChecks.StuckMilliseconds - 1000;
        Assert.Equal((503, "loop 0 has not turned for 11 s\n"), await GetAsync("/livez"));
    }

    [Fact]
    public async Task Metrics_and_topology_have_their_types()
    {
        await StartAsync(HashSlot.Count);
        using var metrics = await _http.GetAsync(Url("/metrics?x=y"), TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", metrics.Content.Headers.ContentType!.ToString());
        Assert.Contains("\nredis_topology_sidecar_topology_unserved_slots 7\n", await metrics.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var topology = await _http.GetAsync(Url("/topology"), TestContext.Current.CancellationToken);
        Assert.Equal("application/json; charset=utf-8", topology.Content.Headers.ContentType!.ToString());
        Assert.Equal("{\"a\":1}", await topology.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/metrics/", 404)]
    [InlineData("POST", "/nothing", 404)]
    [InlineData("POST", "/metrics", 405)]
    [InlineData("DELETE", "/livez", 405)]
    [InlineData("HEAD", "/metrics", 200)]
    public async Task Other_paths_and_methods_are_refused(string method, string path, int status)
    {
        await StartAsync(HashSlot.Count);
        using var request = new HttpRequestMessage(new HttpMethod(method), Url(path));
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 405)
            Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
        if (method == "HEAD")
            Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_body_is_not_read_and_garbage_is_answered()
    {
        await StartAsync(HashSlot.Count);
        using var response = await _http.PostAsync(Url("/metrics"), new ByteArrayContent(new byte[10]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        using (var client = new System.Net.Sockets.TcpClient())
        {
            await client.ConnectAsync(_server!.EndPoint, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync("*1\r\n$4\r\nPING\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            using var reader = new StreamReader(client.GetStream());
            Assert.StartsWith("HTTP/1.1 400", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(200, (await GetAsync("/livez")).Status);
        Assert.Empty(_log.ToString());
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task StartAsync(int slots)
    {
        var topology = _topology = new FixedTopology(slots);
        var pages = new AdminPages(new HealthChecks(_loops, topology, () => _accepting, () => new Dictionary<string, string>(), () => TimeSpan.FromSeconds(8)), () => new MetricSources(_loops, Reports.Typical, new TopologyMetrics(), new ReloadMetrics()), () => "{\"a\":1}");
        _server = new AdminServer(new IPEndPoint(IPAddress.Loopback, 0), pages, null, new LineLoggerProvider(_log, LogFormat.Text, LogLevel.Information, TimeProvider.System));
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    private Uri Url(string path) => new($"http://{_server!.EndPoint}{path}");

    private async Task<(int Status, string Text)> GetAsync(string path)
    {
        using var response = await _http.GetAsync(Url(path), TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
