using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Host;

/// <summary>The process as it is deployed.</summary>
public sealed class SidecarProgramTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_serves_tells_of_itself_takes_up_changes_and_ends_in_order()
    {
        await using var cluster = await LocalCluster.StartAsync(3, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds.Split(',')[0], ["failoverBuffer: 30s"], ct: Ct);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{sidecar.AdminPort}") };
        using (var client = sidecar.Connect())
            Assert.Equal("+OK\r\n", client.Call("SET", "secret-key", "secret-value"));

        Assert.Equal("ok\n", await http.GetStringAsync("/livez", Ct));
        await Eventually.ThatAsync(() => http.GetStringAsync("/readyz", Ct), text => text == "ok\n", Limit, ct: Ct);
        var topology = await http.GetStringAsync("/topology", Ct);
        Assert.Equal(3, JsonDocument.Parse(topology).RootElement.GetProperty("shards").GetArrayLength());
        await Eventually.ThatAsync(() => http.GetStringAsync("/metrics", Ct), text => text.Contains("\nredis_topology_sidecar_commands_total{command=\"SET\"} 1\n", StringComparison.Ordinal), Limit, ct: Ct);
        var metrics = await http.GetStringAsync("/metrics", Ct);
        Assert.Contains("redis_topology_sidecar_command_duration_seconds_count{class=\"write\",", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", topology + metrics, StringComparison.Ordinal);

        await File.AppendAllTextAsync(sidecar.ConfigPath, "deny: [get]\nloops: 7\n", Ct);
        await Eventually.ThatAsync(
            () =>
            {
                using var client = sidecar.Connect();
                return Task.FromResult(client.Call("GET", "secret-key"));
            },
            reply => reply.StartsWith('-'),
            Limit,
            ct: Ct);
        await Eventually.ThatAsync(() => http.GetStringAsync("/metrics", Ct), text => text.Contains("_config_restart_needed 1\n", StringComparison.Ordinal), Limit, ct: Ct);
        await File.AppendAllTextAsync(sidecar.ConfigPath, "nonsense: 1\n", Ct);
        await Eventually.ThatAsync(() => http.GetStringAsync("/metrics", Ct), text => text.Contains("_config_reload_failed 1\n", StringComparison.Ordinal), Limit, ct: Ct);

        sidecar.Process.Signal(PosixSignalNumber.Term);
        await Eventually.TrueAsync(() => Task.FromResult(sidecar.Process.HasExited), Limit, ct: Ct);
        Assert.Equal(0, sidecar.Process.ExitCode);
        Assert.DoesNotContain("secret", sidecar.Process.LogTail(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_server_it_lives_says_why_it_is_not_ready_and_ends_when_told()
    {
        using var port = PortLease.Take();
        using var admin = PortLease.Take();
        using var directory = TestDirectory.Create("program");
        await using var process = Start(directory, "--seeds", "127.0.0.1:1", "--listen", $"127.0.0.1:{port.Port}", "--admin", $"127.0.0.1:{admin.Port}");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{admin.Port}") };
        await Eventually.ThatAsync(() => http.GetStringAsync("/livez", Ct), text => text == "ok\n", Limit, ct: Ct);
        using var ready = await http.GetAsync("/readyz", Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.StartsWith("the topology is not known yet: no seed has answered", await ready.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using (var client = RespSocket.Connect(port.Port))
            Assert.Equal("+PONG\r\n", client.Call("PING"));
        await EndAsync(process, 0);
    }

    [Fact]
    public async Task Told_to_stop_as_soon_as_it_accepts_it_ends_in_order()
    {
        for (var i = 0; i < 5; i++)
        {
            using var port = PortLease.Take();
            using var directory = TestDirectory.Create("program");
            await using var process = Start(directory, "--seeds", "127.0.0.1:1", "--listen", $"127.0.0.1:{port.Port}", "--admin", "127.0.0.1:0");
            await Eventually.TrueAsync(() => AcceptsAsync(port.Port), Limit, TimeSpan.FromMilliseconds(1), ct: Ct);
            await EndAsync(process, 0);
        }
    }

    [Theory]
    [InlineData("listen")]
    [InlineData("admin")]
    public async Task An_address_that_is_taken_is_told_with_the_option_to_change(string key)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var directory = TestDirectory.Create("program");
        var other = key == "listen" ? "admin" : "listen";
        await using var process = Start(directory, "--seeds", "127.0.0.1:1", $"--{key}", $"{taken.LocalEndpoint}", $"--{other}", "127.0.0.1:0");
        await Eventually.TrueAsync(() => Task.FromResult(process.HasExited), Limit, ct: Ct);
        Assert.Equal(1, process.ExitCode);
        Assert.Matches($"error +SidecarHost: Cannot listen for .+ at {taken.LocalEndpoint}: .+ Choose another address: --{key}", process.LogTail());
    }

    [Fact]
    public async Task Check_says_what_is_wrong_and_ends_with_2()
    {
        using var directory = TestDirectory.Create("program");
        await File.WriteAllTextAsync(directory["sidecar.yaml"], "seeds: [a]\nmaxLag: 5\nloops: 0\n", Ct);
        await using var wrong = Start(directory, "--config", directory["sidecar.yaml"], "--check");
        await Eventually.TrueAsync(() => Task.FromResult(wrong.HasExited), Limit, ct: Ct);
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("sidecar.yaml:2: maxLag: ", wrong.LogTail(), StringComparison.Ordinal);
        Assert.Contains("sidecar.yaml:3: loops: ", wrong.LogTail(), StringComparison.Ordinal);
        await using var right = Start(directory, "--config", directory["sidecar.yaml"], "--max-lag", "5s", "--loops", "1", "--check");
        await Eventually.TrueAsync(() => Task.FromResult(right.HasExited), Limit, ct: Ct);
        Assert.Equal(0, right.ExitCode);
    }

    [Fact]
    public async Task Check_takes_the_file_the_reference_shows()
    {
        using var directory = TestDirectory.Create("program");
        await File.WriteAllTextAsync(directory["password"], "secret", Ct);
        var shown = Assert.Single(GuidePages.Blocks, b => b.Page == "docs/reference/sidecar-configuration.md").Text;
        await File.WriteAllTextAsync(directory["sidecar.yaml"], shown.Replace("/auth/password", directory["password"], StringComparison.Ordinal), Ct);
        await using var right = Start(directory, "--config", directory["sidecar.yaml"], "--check");
        await Eventually.TrueAsync(() => Task.FromResult(right.HasExited), Limit, ct: Ct);
        Assert.True(right.ExitCode == 0, right.LogTail());
    }

    private static ManagedProcess Start(TestDirectory directory, params string[] arguments) =>
        ManagedProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "redis-topology-sidecar.dll"), .. arguments], directory["log"]);

    private static async Task EndAsync(ManagedProcess process, int code)
    {
        process.Signal(PosixSignalNumber.Term);
        await Eventually.TrueAsync(() => Task.FromResult(process.HasExited), Limit, ct: Ct);
        Assert.True(process.ExitCode == code, $"{process.ExitCode}: {process.LogTail()}");
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Ct);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
