using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Tests.Redis;

/// <summary>The parser on what the installed server really answers.</summary>
public sealed class RealServerTests
{
    private static readonly ResourceNames Names = new("blog");
    private static readonly string[] Pods = ["blog-a-0", "blog-b-0", "blog-a-1"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_formed_cluster_is_read_the_same_from_every_server()
    {
        await using var cluster = await TestRedisCluster.FormAsync(2, 1, hostname: i => Names.Hostname(Pods[i], "shop"));
        await cluster.Nodes[0].ExecuteAsync("SET", "{06S}k", "v");
        var ids = new List<string>();
        foreach (var node in cluster.Nodes)
            ids.Add((string)(await node.ExecuteAsync("CLUSTER", "MYID"))!);

        // Hostnames travel by gossip, one ping after the other.
        var seen = await Eventually.ThatAsync(
            async () => await Task.WhenAll(cluster.Nodes.Select(ReadAsync)),
            all => all.All(s => s.Node.Peers.Length == 2 && s.Node.Peers.All(p => p is { Pod: not null, Health: PeerHealth.Ok })),
            TimeSpan.FromSeconds(20),
            ct: Ct);

        for (var i = 0; i < 3; i++)
        {
            var (node, hostname, _) = seen[i];
            Assert.Equal((ids[i], Names.Hostname(Pods[i], "shop")), (node.Id, hostname));
            Assert.Equal(i == 2 ? NodeRole.Replica : NodeRole.Master, node.Role);
            Assert.Equal(i == 0 ? "0-8191" : i == 1 ? "8192-16383" : "", node.Slots.ToString());
            Assert.True(node is { ClusterOk: true, LinkUp: true, Loading: false, UsedMemory: > 0 });
            foreach (var peer in node.Peers)
            {
                Assert.Equal(Pods[ids.IndexOf(peer.Id)], peer.Pod!.Name);
                Assert.Equal("127.0.0.1", peer.Address);
            }
        }

        Assert.Equal((ids[0], "127.0.0.1", 1L), (seen[2].Node.MasterId, seen[2].Node.MasterHost, seen[2].Node.Keys));
        Assert.Equal(ids[0], seen[1].Node.Peer(ids[2])!.MasterId);
        Assert.Single(seen.Select(s => s.Digest).Distinct());
        Assert.True(seen[0].Node.Offset > 0);

        // Open slots, as the server writes them.
        await cluster.Nodes[0].ExecuteAsync("CLUSTER", "SETSLOT", "93", "MIGRATING", ids[1]);
        await cluster.Nodes[1].ExecuteAsync("CLUSTER", "SETSLOT", "93", "IMPORTING", ids[0]);
        var (source, target) = (await ReadAsync(cluster.Nodes[0]), await ReadAsync(cluster.Nodes[1]));
        Assert.Equal(("0-8191", "8192-16383"), (source.Node.Slots.ToString(), target.Node.Slots.ToString()));
        Assert.Equal([new OpenSlot(93, false, ids[1])], source.Node.OpenSlots);
        Assert.Equal([new OpenSlot(93, true, ids[0])], target.Node.OpenSlots);
        Assert.Equal(3, seen.Select(s => s.Digest).Append(source.Digest).Append(target.Digest).Distinct().Count());

        // An introduction to nobody is a handshake, and no change of the topology worth a full look... until it is confirmed.
        await cluster.Nodes[0].ExecuteAsync("CLUSTER", "MEET", "127.0.0.1", "1");
        Assert.Contains((await ReadAsync(cluster.Nodes[0])).Node.Peers, p => p.Health == PeerHealth.Handshake);
    }

    [Fact]
    public async Task A_dead_replica_is_seen_as_failed()
    {
        await using var cluster = await TestRedisCluster.FormAsync(2, 1, nodeTimeoutMilliseconds: 1000);
        var id = (string)(await cluster.Nodes[2].ExecuteAsync("CLUSTER", "MYID"))!;
        var (node, _, before) = await ReadAsync(cluster.Nodes[0]);
        Assert.All(node.Peers, p => Assert.True(p.Heard));
        await cluster.Nodes[2].KillAsync();
        var seen = await Eventually.ThatAsync(() => ReadAsync(cluster.Nodes[0]), s => s.Node.Peer(id)!.Health == PeerHealth.Failed, TimeSpan.FromSeconds(15), ct: Ct);
        Assert.NotEqual(before, seen.Digest);
        Assert.False(seen.Node.Peer(id)!.Heard);
    }

    private static async Task<(ObservedNode Node, string? Hostname, string Digest)> ReadAsync(RedisProcess server)
    {
        var nodes = (string)(await server.ExecuteAsync("CLUSTER", "NODES"))!;
        var (node, hostname) = NodeParser.Parse(nodes, (string)(await server.ExecuteAsync("INFO"))!, (string)(await server.ExecuteAsync("CLUSTER", "INFO"))!, Names, "shop", TimeSpan.FromSeconds(1));
        return (node, hostname, NodeParser.Digest(nodes));
    }
}
