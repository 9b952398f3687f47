using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using RedisTopology.Sidecar.Topology;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Topology;

public sealed partial class FailureTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AGracefulFailoverIsSeenByTheMonitor_WithoutAnyRedirect()
    {
        await using var cluster = await LocalCluster.StartAsync(1, 1, new RedisProcessOptions { Config = { "cluster-require-full-coverage no" } }, Ct);
        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Masters) with { Refresh = TimeSpan.FromHours(1) });
        var shard = (await topology.MapAsync(m => m.Of(0)?.Replicas is [{ InSync: true }])).Of(0)!;
        var (master, replica) = (shard.Master!, shard.Replicas[0]);

        // One server owns all slots and can not win an election alone: the failover is taken.
        await cluster.Replicas[0].ExecuteAsync("CLUSTER", "FAILOVER", "TAKEOVER");
        var map = await topology.MapAsync(m => m.Of(0)?.Master == replica && m.Of(0)!.Replicas is [{ InSync: true }]);
        Assert.Same(master, map.Of(0)!.Replicas[0]);
        Assert.Equal(shard.Index, map.Of(0)!.Index);
        Assert.False(replica.InSync);
        Assert.Contains(topology.Topology.Metrics.Refreshes, r => r is { Reason: "replica promoted" or "master demoted", Outcome: RefreshOutcome.Changed });
    }

    [Fact]
    public async Task AKilledMasterLeavesNoMaster_UntilItsReplicaIsElected()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, new RedisProcessOptions { Config = { "cluster-node-timeout 2000", "cluster-replica-validity-factor 0" } }, Ct);
        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Nodes));
        var map = await topology.MapAsync(m => m.Shards.All(s => s.Replicas is [{ InSync: true }]));
        var (old, elected) = (map.Of(0)!.Master!, map.Of(0)!.Replicas[0]);

        await cluster.Masters[0].KillAsync();
        await topology.SeesAsync(() => !elected.InSync);
        await topology.MapAsync(m => m.Of(0)!.Master == elected);
        Assert.Equal(map.Of(16383), topology.Map.Of(16383));
        Assert.Equal(0, topology.Map.Of(0)!.Index);
        Assert.Equal(1, topology.Log.Count($"{old} does not answer"));
        await topology.SeesAsync(() => topology.Topology.Report() is { ClusterOk: true, UnservedSlots: 0 });

        await cluster.Masters[0].StartAgainAsync(Ct);
        await topology.MapAsync(m => m.Of(0)!.Master == elected && m.Of(0)!.Replicas is [{ InSync: true } back] && back == old);
        Assert.True(topology.Map.Epoch > map.Epoch);
    }

    [Fact]
    public async Task AFrozenReplicaIsNotInSync_AndAFrozenMasterIsReplaced()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, new RedisProcessOptions { Config = { "cluster-node-timeout 2000", "cluster-replica-validity-factor 0" } }, Ct);
        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Nodes));
        var map = await topology.MapAsync(m => m.Shards.All(s => s.Replicas is [{ InSync: true }]));
        cluster.Replicas[1].Freeze();
        await topology.SeesAsync(() => !map.Shards[1].Replicas[0].InSync);
        Assert.True(map.Shards[0].Replicas[0].InSync);
        cluster.Replicas[1].Resume();
        await topology.SeesAsync(() => topology.Map.Of(6000)!.Replicas is [{ InSync: true }]);

        cluster.Masters[2].Freeze();
        var elected = map.Shards[2].Replicas[0];
        await topology.MapAsync(m => m.Of(16383)!.Master == elected);
        cluster.Masters[2].Resume();
        await topology.MapAsync(m => m.Of(16383)!.Master == elected && m.Of(16383)!.Replicas is [{ InSync: true }]);
    }

    [Fact]
    public async Task AStaleServerThatHearsNobodyDoesNotTurnTheMap()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 1, new RedisProcessOptions { Config = { "cluster-node-timeout 2000", "cluster-replica-validity-factor 0" } }, Ct);
        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Nodes));
        var map = await topology.MapAsync(m => m.Shards.All(s => s.Replicas is [{ InSync: true }]));
        var elected = map.Of(0)!.Replicas[0];
        await cluster.Masters[0].KillAsync();
        var before = await File.ReadAllTextAsync(Path.Combine(cluster.Masters[0].Directory, "nodes.conf"), Ct);
        await topology.MapAsync(m => m.Of(0)!.Master == elected);

        // The old master comes back as it was, nobody reaches its bus, and it reaches nobody's: it serves, as the owner of its slots.
        using var nowhere = PortLease.Take(0);
        using var bus = PortLease.Take(0);
        var lonely = OtherAddress().Replace(before, m => m.Groups["myself"].Success ? m.Value : string.Create(CultureInfo.InvariantCulture, $" 127.0.0.1:{nowhere.Port}@{nowhere.Port}{m.Groups["rest"].Value}"));
        var address = new IPEndPoint(IPAddress.Loopback, cluster.Masters[0].Port);
        await using var stale = await SpareServer.StartAsync(address, lonely, "--cluster-port", bus.Port.ToString(CultureInfo.InvariantCulture), "--cluster-node-timeout", "600000");
        await Eventually.ThatAsync(() => stale.ExecuteAsync("CLUSTER INFO"), t => t.Contains("cluster_state:ok", StringComparison.Ordinal), TopologyUnderTest.Limit, ct: Ct);
        var asked = topology.Topology.At("127.0.0.1", address.Port, elected)!;
        await topology.SeesAsync(() => asked.HeardAt > 0 && Rounds(topology) > 20);
        Assert.Same(elected, topology.Map.Of(0)!.Master);

        // A new sidecar that has it for a seed among others is not fooled either.
        await using var another = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Masters[0], cluster.Masters[1]));
        Assert.Equal(elected.EndPoint, another.Map.Of(0)!.Master!.EndPoint);

        // And when it is the only one that answers, it tells nothing that is newer than what is known.
        foreach (var server in cluster.Nodes.Skip(1))
            server.Freeze();
        var rounds = Rounds(topology);
        await topology.SeesAsync(() => Rounds(topology) > rounds + 5);
        Assert.NotSame(asked, topology.Map.Of(0)!.Master);
    }

    [Fact]
    public async Task AServerIsFollowedToANewAddress()
    {
        await using var cluster = await LocalCluster.StartAsync(3, 0, ct: Ct);
        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Nodes));
        var (old, index) = (topology.Map.Of(0)!.Master!, topology.Map.Of(0)!.Index);
        await cluster.Masters[0].StopAsync();
        var nodes = await File.ReadAllTextAsync(Path.Combine(cluster.Masters[0].Directory, "nodes.conf"), Ct);
        using var port = PortLease.Take(10_000);
        await using var moved = await SpareServer.StartAsync(new(IPAddress.Loopback, port.Port), nodes);
        var map = await topology.MapAsync(m => m.Of(0)?.Master?.EndPoint.Port == port.Port);
        Assert.Equal(index, map.Of(0)!.Index);
        Assert.NotEqual(old.Index, map.Of(0)!.Master!.Index);
    }

    [Fact]
    public async Task AnAddressThatNowBelongsToAnotherClusterIsLeft_AndTheSeedsLeadHome()
    {
        var other = IPAddress.Parse("127.0.0.9");
        var seed = IPAddress.Loopback;
        await using var cluster = await LocalCluster.StartAsync(1, 0, ct: Ct);
        var port = cluster.Masters[0].Port;
        var options = TopologyUnderTest.Seeded(cluster.Nodes) with { Seeds = [$"cache.example:{port}"] };
        await using var topology = await TopologyUnderTest.StartAsync(options, lookUp: _ => Task.FromResult<IPAddress[]>([seed]));
        var home = topology.Map.Of(0)!.Master!;
        await cluster.Masters[0].StopAsync();
        var nodes = await File.ReadAllTextAsync(Path.Combine(cluster.Masters[0].Directory, "nodes.conf"), Ct);

        seed = other;
        await using var stranger = await SpareServer.StartAsync(home.EndPoint, null);
        await stranger.ExecuteAsync("CLUSTER ADDSLOTSRANGE 0 16383");
        await Eventually.ThatAsync(() => stranger.ExecuteAsync("CLUSTER INFO"), t => t.Contains("cluster_state:ok", StringComparison.Ordinal), TopologyUnderTest.Limit, ct: Ct);
        await topology.MapAsync(m => m.Of(0)?.Master is null);

        await using var moved = await SpareServer.StartAsync(new(other, port), nodes);
        var map = await topology.MapAsync(m => m.Of(0)?.Master is { } master && master.EndPoint.Address.Equals(other));
        Assert.NotSame(home, map.Of(0)!.Master);
    }

    [Fact]
    public async Task AClusterMadeAnewIsFoundThroughTheSeeds()
    {
        await using var cluster = await LocalCluster.StartAsync(1, 0, ct: Ct);
        await using var topology = await TopologyUnderTest.StartAsync(TopologyUnderTest.Seeded(cluster.Nodes));
        var former = topology.Map;
        await cluster.Masters[0].KillAsync();
        File.Delete(Path.Combine(cluster.Masters[0].Directory, "nodes.conf"));
        await cluster.Masters[0].StartAgainAsync(Ct);
        await cluster.Masters[0].ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "9999");
        await topology.MapAsync(m => m.Of(0)?.Master is not null && m.Of(10_000) is null);
        Assert.Same(former.Of(0)!.Master, topology.Map.Of(0)!.Master);
    }

    private static long Rounds(TopologyUnderTest topology) => topology.Topology.Metrics.Refreshes.Sum(r => r.Count);

    [GeneratedRegex(@" 127\.0\.0\.1:\d+@\d+(?<rest>\S* (?:(?<myself>myself)|\S)\S* )")]
    private static partial Regex OtherAddress();
}
