using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Failures;

/// <summary>What a client of the sidecar sees of a failure, with the sidecar as the process it is deployed as.</summary>
public sealed class OutageTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AReplicaThatIsKilled_AndAGracefulFailover_AreNotSeen()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: Ct);
        using var load = new CounterLoad(sidecar);
        await load.RunsAsync();
        await cluster.Replicas[1].KillAsync();
        await load.RunsAsync();
        await cluster.Replicas[0].ExecuteAsync("CLUSTER", "FAILOVER");
        await Eventually.ThatAsync(async () => (string)(await cluster.Replicas[0].ExecuteAsync("INFO", "replication"))!, t => t.Contains("role:master", StringComparison.Ordinal), Limit, ct: Ct);
        await load.RunsAsync();
        load.Stop();
        TestContext.Current.SendDiagnosticMessage($"graceful: {load}");
        Assert.Empty(load.Errors);
        Assert.Equal(0, load.Wrong);
    }

    [Fact]
    public async Task AfterAMasterWasKilled_WritesFlowWithoutARestart()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, new RedisProcessOptions { Config = { "cluster-node-timeout 2000", "cluster-replica-validity-factor 0" } }, Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: Ct);
        using var load = new CounterLoad(sidecar);
        await load.RunsAsync();
        await cluster.Masters[0].KillAsync();
        await Eventually.ThatAsync(async () => (string)(await cluster.Replicas[0].ExecuteAsync("INFO", "replication"))!, t => t.Contains("role:master", StringComparison.Ordinal), Limit, ct: Ct);
        await load.RunsAsync();
        load.Stop();
        TestContext.Current.SendDiagnosticMessage($"kill -9: {load}");
        // Replication is asynchronous: what the master took with it may be missing, and nothing else may go wrong but a reply that was lost with it.
        Assert.All(load.Errors, e => Assert.Contains("may have been executed", e, StringComparison.Ordinal));
    }

    /// <summary>It was passed on while it arrived: sent again, it would be its beginning alone, and the server would wait for the rest.</summary>
    [Fact]
    public async Task AGreatValueThatAServerCanNotTake_IsAnsweredWithItsError_AndNotSentAgainInPart()
    {
        await using var cluster = await LocalCluster.StartAsync(2, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ["refresh: 10m"], ct: Ct);
        using var client = new RawClient(sidecar.Port);
        client.Must("SET", "k", "1");
        var slot = HashSlot.Of("k");
        await cluster.Masters[slot < HashSlot.Count / 2 ? 0 : 1].ExecuteAsync("CLUSTER", "DELSLOTS", slot.ToString(CultureInfo.InvariantCulture));
        Assert.Equal("CLUSTERDOWN Hash slot not served", client.Call("SET", "k", new string('v', 2 << 20)).Text);
        Assert.Equal("PONG", client.Call("PING").Text);
    }

    [Fact]
    public async Task AGreatValueWhoseMasterIsKnownToBeAway_WaitsForTheNext()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, new RedisProcessOptions { Config = { "cluster-node-timeout 2000", "cluster-replica-validity-factor 0" } }, Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ["failoverBuffer: 1m"], ct: Ct);
        using var http = new HttpClient();
        using var client = new RawClient(sidecar.Port);
        client.Must("SET", "k", "1");
        await cluster.Masters[HashSlot.Of("k") * 3 / HashSlot.Count].KillAsync();
        await Eventually.ThatAsync(() => http.GetStringAsync(new Uri($"http://127.0.0.1:{sidecar.AdminPort}/metrics"), Ct), text => !text.Contains("_upstream_lost_total 0\n", StringComparison.Ordinal), Limit, ct: Ct);
        Assert.Equal("OK", client.Call("SET", "k", new string('v', 2 << 20)).Text);
        Assert.Equal(2L << 20, client.Must("STRLEN", "k").Number);
    }

    /// <summary>All servers are asked for the receivers of a message: one that does not answer is done without.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatIsPublished_IsAnswered_WhileAnotherMasterIsFrozenOrDead(bool frozen)
    {
        await using var cluster = await LocalCluster.StartAsync(3, options: new RedisProcessOptions { Config = { "cluster-node-timeout 30000" } }, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: Ct);
        using var client = new RawClient(sidecar.Port);
        client.Must("PUBLISH", "k", "x");
        var other = cluster.Masters[((HashSlot.Of("k") * 3 / HashSlot.Count) + 1) % 3];
        if (frozen)
            other.Freeze();
        else
            await other.KillAsync();
        await Task.Run(() => Enumerable.Range(0, 200).Sum(_ => client.Must("PUBLISH", "k", "x").Number), Ct).WaitAsync(Limit, Ct);
        if (frozen)
            other.Resume();
    }

    [Fact]
    public async Task AGetBehindASetOnOneConnectionIsNeverStale()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, ct: Ct);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: Ct);
        using var client = sidecar.Connect();
        const int Pairs = 2000;
        for (var i = 0; i < Pairs; i++)
        {
            var value = i.ToString("D6", CultureInfo.InvariantCulture);
            client.Send([.. RespSocket.Encode("SET", "one", value), .. RespSocket.Encode("GET", "one")]);
        }

        var stale = 0;
        for (var i = 0; i < Pairs; i++)
        {
            Assert.Equal("+OK\r\n", System.Text.Encoding.ASCII.GetString(client.ReadFrame()));
            stale += System.Text.Encoding.ASCII.GetString(client.ReadFrame()) == $"$6\r\n{i:D6}\r\n" ? 0 : 1;
        }

        Assert.Equal(0, stale);
    }
}
