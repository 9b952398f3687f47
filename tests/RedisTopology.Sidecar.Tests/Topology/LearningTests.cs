using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Topology;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Topology;

public sealed class LearningTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnySeedIsEnough_AndEveryReplicaIsWatched()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, ct: Ct);
        using var free = PortLease.Take(0);
        var options = TopologyUnderTest.Seeded(cluster.Replicas[2]) with { Seeds = [$"127.0.0.1:{free.Port}", cluster.Replicas[2].Endpoint] };
        await using var topology = await TopologyUnderTest.StartAsync(options);

        var map = topology.Map;
        Assert.Equal(cluster.Masters.Select(m => m.Port), map.Shards.Select(s => s.Master!.EndPoint.Port));
        Assert.Equal(cluster.Replicas.Select(r => r.Port), map.Shards.Select(s => Assert.Single(s.Replicas).EndPoint.Port));
        foreach (var (slot, shard) in ((int, int)[])[(0, 0), (5460, 0), (5461, 1), (10921, 1), (10922, 2), (16383, 2)])
            Assert.Same(map.Shards[shard], map.Of(slot));
        await topology.SeesAsync(() => map.Shards.All(s => s.Replicas.All(r => r.InSync && r.CaughtUpTo > 0 && r.HeardAt > 0)));
        Assert.Equal(map.Epoch, topology.Map.Epoch);
        var report = topology.Topology.Report();
        Assert.Equal(["0-5460", "5461-10921", "10922-16383"], report.Shards.Select(s => Assert.Single(s.Slots)));
        Assert.Equal((0, true, true), (report.UnservedSlots, report.ClusterOk, report.Known));
        Assert.All(report.Shards, s => Assert.InRange(Assert.Single(s.Replicas).LagMilliseconds!.Value, 0, 10_000));
        Assert.Contains("\"lagMilliseconds\"", System.Text.Json.JsonSerializer.Serialize(report, TopologyReportContext.Default.TopologyReport), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeedsThatAreDownAreTriedForEver_AndTold()
    {
        await using var cluster = await LocalCluster.StartAsync(1, 0, ct: Ct);
        await cluster.Masters[0].KillAsync();
        var options = TopologyUnderTest.Seeded(cluster.Masters[0]) with { Seeds = ["nowhere.invalid:6379", cluster.Masters[0].Endpoint] };
        await using var topology = await TopologyUnderTest.StartAsync(options, known: false, lookUp: _ => Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound)));

        await topology.SeesAsync(() => topology.Log.Count("No server of the cluster answers: 127.0.0.1:") > 0);
        Assert.Contains("nowhere.invalid:6379 (", topology.Log.ToString(), StringComparison.Ordinal);
        Assert.Contains("refused", topology.Log.ToString(), StringComparison.Ordinal);
        Assert.Same(ClusterMap.Empty, topology.Map);
        await cluster.Masters[0].StartAgainAsync(Ct);
        await topology.MapAsync(m => m.Of(0)?.Master is not null);
        Assert.InRange(topology.Log.Count("No server of the cluster answers"), 1, 3);
    }

    [Fact]
    public async Task APasswordIsReadAnewForEveryConnection()
    {
        var file = Path.GetTempFileName();
        try
        {
            await using var cluster = await LocalCluster.StartAsync(1, 1, new RedisProcessOptions { Password = "right" }, Ct);
            await File.WriteAllTextAsync(file, "wrong\n", Ct);
            await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Nodes) with { PasswordFile = file }, known: false);
            await topology.SeesAsync(() => topology.Log.Count("WRONGPASS") > 0);
            Assert.DoesNotContain("wrong", topology.Log.ToString().Replace("WRONGPASS", "", StringComparison.Ordinal), StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, "right\n", Ct);
            await topology.MapAsync(m => m.Of(0)?.Replicas is [{ InSync: true }]);
            Assert.True(await topology.Topology.ProbeAsync(topology.Map.Of(0)!.Master!));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("redis-server")]
    [InlineData("redis-8")]
    [InlineData("valkey-9")]
    public async Task NamesAreResolved_AndFoundAgainInRedirects(string engine)
    {
        var binary = engine switch { "redis-8" => Engines.Redis8, "valkey-9" => Engines.Valkey9, _ => "redis-server" };
        Prerequisites.Require(binary is not null, $"needs {engine}. Run tests/scripts/engines.sh.");
        var options = new RedisProcessOptions { Binary = binary! };
        foreach (var line in (string[])["cluster-announce-hostname cache.example", "cluster-preferred-endpoint-type hostname", .. engine == "valkey-9" ? (string[])["availability-zone north-1"] : []])
            options.Config.Add(line);
        await using var cluster = await LocalCluster.StartAsync(2, 1, options, Ct);
        var lookUps = 0;
        Task<IPAddress[]> LookUp(string name)
        {
            Interlocked.Increment(ref lookUps);
            return name == "cache.example" ? Task.FromResult<IPAddress[]>([IPAddress.Loopback]) : Task.FromException<IPAddress[]>(new SocketException((int)SocketError.HostNotFound));
        }

        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Masters[0]), lookUp: LookUp);
        var map = await topology.MapAsync(m => m.Shards.Length == 2 && m.Shards.All(s => s.Master is not null && s.Replicas is [{ InSync: true }]));
        var from = map.Shards[0].Master!;
        Assert.True(lookUps > 0);
        Assert.Same(map.Shards[1].Master, topology.Topology.At("cache.example", cluster.Masters[1].Port, from));
        Assert.Same(map.Shards[1].Master, topology.Topology.At("127.0.0.1", cluster.Masters[1].Port, from));
        Assert.Same(map.Shards[1].Master, topology.Topology.At("", cluster.Masters[1].Port, from));
        Assert.Null(topology.Topology.At("other.example", 1, from));
        if (engine == "valkey-9")
            Assert.All(map.Shards, s => Assert.Equal("north-1", s.Replicas[0].Zone));
    }

    [Fact]
    public async Task AServerGoesByItsOwnAddress_NotByTheNameOfASeedThatLedToIt()
    {
        await using var cluster = await LocalCluster.StartAsync(2, 1, ct: Ct);
        var options = TopologyUnderTest.Seeded(cluster.Nodes) with { Seeds = [.. cluster.Nodes.Select(n => $"all.example:{n.Port}")] };
        await using var topology = await TopologyUnderTest.StartAsync(options, lookUp: _ => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));
        var map = await topology.MapAsync(m => m.Shards.Length == 2 && m.Shards.All(s => s.Master is not null && s.Replicas is [{ InSync: true }]));
        Assert.Equal(cluster.Masters.Select(m => m.Endpoint), map.Shards.Select(s => s.Master!.ToString()));
        Assert.Equal(cluster.Replicas.Select(r => r.Endpoint), map.Shards.Select(s => s.Replicas[0].ToString()));
    }

    [Fact]
    public async Task AProbeTellsTheHangingFromTheLiving()
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true, Password = "unknown to us" }, Ct);
        await using var topology = new ClusterTopology(new(new SidecarOptions()), TimeProvider.System, new LogLines());
        var node = new Node(0, "127.0.0.1", new(IPAddress.Loopback, server.Port));
        Assert.True(await topology.ProbeAsync(node));
        server.Freeze();
        Assert.False(await topology.ProbeAsync(node));
        server.Resume();
        await Eventually.TrueAsync(() => topology.ProbeAsync(node), TopologyUnderTest.Limit, ct: Ct);
        await server.KillAsync();
        Assert.False(await topology.ProbeAsync(node));
    }

    [Fact]
    public async Task ReshardingIsFollowed_AndShardsKeepTheirNumbers()
    {
        await using var cluster = await LocalCluster.StartAsync(2, 0, ct: Ct);
        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Nodes) with { Refresh = TimeSpan.FromMilliseconds(300) });
        var (first, second) = (topology.Map.Shards[0], topology.Map.Shards[1]);
        var id = (string)(await cluster.Masters[1].ExecuteAsync("CLUSTER", "MYID"))!;
        var source = (string)(await cluster.Masters[0].ExecuteAsync("CLUSTER", "MYID"))!;
        foreach (var slot in (int[])[7, 100, 5000])
        {
            var number = slot.ToString(CultureInfo.InvariantCulture);
            await cluster.Masters[1].ExecuteAsync("CLUSTER", "SETSLOT", number, "IMPORTING", source);
            await cluster.Masters[1].ExecuteAsync("CLUSTER", "SETSLOT", number, "NODE", id);
            await cluster.Masters[0].ExecuteAsync("CLUSTER", "SETSLOT", number, "NODE", id);
        }

        var map = await topology.MapAsync(m => ReferenceEquals(m.Of(7), second) && ReferenceEquals(m.Of(5000), second));
        Assert.Same(first, map.Of(8));
        Assert.Equal([0, 1], map.Shards.Select(s => s.Index));
    }
}
