using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Failures;

/// <summary>A server that a script holds up takes connections and says nothing, as one that is frozen; it is not taken for dead.</summary>
public sealed class LongScriptTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_server_owes_that_is_held_up_is_waited_for_and_done_once()
    {
        await using var cluster = await LocalCluster.StartAsync(1, options: new RedisProcessOptions { Config = { "enable-debug-command yes" } }, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ["upstreamTimeout: 500ms"], ct: Ct);
        using var client = new RawClient(sidecar.Port);
        using var other = new RawClient(sidecar.Port);
        Assert.Equal(1, client.Must("INCR", "runs").Number);

        // As a script does: nothing is answered, nor any connection greeted, for six times the timeout.
        using var direct = RespSocket.Connect(cluster.Masters[0].Port);
        direct.Send("DEBUG", "SLEEP", "3");
        await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, Ct);
        var owed = Task.Run(() => client.Call("INCR", "runs"), Ct);
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, Ct);
        Assert.Equal("OK", other.Call("SET", "written", "meanwhile").Text);
        Assert.Equal(2, (await owed).Number);
        Assert.Equal("2", other.Must("GET", "runs").Text);
    }

    [Fact]
    public async Task A_runaway_script_is_killed()
    {
        var options = new RedisProcessOptions { Config = { "lua-time-limit 2000", "cluster-node-timeout 60000" } };
        await using var cluster = await LocalCluster.StartAsync(3, options: options, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ["upstreamTimeout: 500ms"], ct: Ct);
        using var client = new RawClient(sidecar.Port);
        using var other = new RawClient(sidecar.Port);
        var script = Task.Run(() => client.Call("EVAL", "while true do end", "1", "runaway"), Ct);
        // On a busy machine the one that kills it can be answered by a server that was just given up.
        await Eventually.ThatAsync(() => Task.FromResult(other.Call("SCRIPT", "KILL").Text), t => t == "OK" || script.IsCompleted, Limit, ct: Ct);
        Assert.Contains("killed by user", (await script).Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("OK", other.Call("SET", "runaway", "no more").Text);
    }
}
