using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Tests.Topology;

public sealed class ClusterViewParserTests
{
    private const string Lines70 =
        """
        07c37dfeb235213a872192d90877d0cd55635b91 127.0.0.1:30004@31004 slave e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca 0 1426238317239 4 connected
        67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 127.0.0.1:30002@31002 master - 0 1426238316232 2 connected 5461-10922 [5461->-e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca]
        292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f 127.0.0.1:30003@31003 master,fail? - 0 1426238318243 3 disconnected 10923 10925-16383
        6ec23923021cf3ffec47632106199cb7f496ce01 :0@0 slave,noaddr 67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1 0 1426238316232 5 disconnected
        824fe116063bc5fcf9f4ffd895bc17aee7731ac3 127.0.0.1:30006@31006 master,fail - 0 1426238317741 6 disconnected
        99999116063bc5fcf9f4ffd895bc17aee7731ac3 127.0.0.1:30007@31007 handshake - 0 0 0 disconnected
        e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca :30001@31001 myself,master - 0 0 1 connected 0-5460 [93-<-292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f]

        """;

    [Fact]
    public void Redis70()
    {
        var view = Parse(Lines70);
        Assert.Equal("e7d1eecce10fd6bb5eb35b9f99a514335d9ba9ca", view.MyId);
        Assert.True(view.StateOk);
        Assert.Equal(9, view.CurrentEpoch);
        Assert.Equal(5, view.Nodes.Count);
        Assert.Equal(3, view.Linked);
        // What others give away is not its own.
        Assert.False(view.GivesAway);
        var me = view.Nodes.Single(n => n.Id == view.MyId);
        Assert.Equal(new NodeAddress("10.0.0.9", 30001, ""), NodeAddress.Of(view, me));
        Assert.Equal([(0, 5460)], me.Slots);
        Assert.Equal([(10923, 10923), (10925, 16383)], view.Nodes.Single(n => n.Port == 30003).Slots);
        Assert.False(view.Nodes.Single(n => n.Port == 30003).Failed);
        Assert.True(view.Nodes.Single(n => n.Port == 30006).Failed);
        var replica = view.Nodes.Single(n => n.Port == 30004);
        Assert.Equal((true, me.Id, 4), (replica.IsReplica, replica.MasterId, replica.ConfigEpoch));
    }

    [Fact]
    public void NamesOfRedis72AndFieldsOfValkey8()
    {
        var view = Parse(
            """
            a 10.1.0.1:6379@16379,cache-0.example.com myself,master - 0 0 3 connected 0-16383
            b 10.1.0.2:6379@16379,,shard-id=72de7f0b1c9d6f3f4b6d,nodename=n2 slave a 0 1 3 connected
            c fd00::3:6380@16380,cache-2.example.com slave a 0 1 3 connected

            """,
            new() { ["a"] = new("cache-0.example.com", 6379, "eu-1a"), ["b"] = new("?", 6379, null), ["c"] = new("", 7000, null) });
        Assert.Equal(new NodeAddress("cache-0.example.com", 6379, "10.1.0.1"), NodeAddress.Of(view, view.Nodes[0]));
        Assert.Equal("eu-1a", view.Nodes[0].Zone);
        Assert.Equal(new NodeAddress("10.1.0.2", 6379, "10.1.0.2"), NodeAddress.Of(view, view.Nodes[1]));
        Assert.Equal(new NodeAddress("10.0.0.9", 7000, "fd00::3"), NodeAddress.Of(view, view.Nodes[2]));
        var plain = Parse("c fd00::3:6380@16380 myself,master - 0 0 3 connected\n");
        Assert.Equal(new NodeAddress("fd00::3", 6380, "fd00::3"), NodeAddress.Of(plain, plain.Nodes[0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a 10.1.0.1:6379@16379 master - 0 0 3 connected 0-16383\n")]
    [InlineData("a 10.1.0.1:6379@16379 myself,master - 0 0\n")]
    [InlineData("a nonsense myself,master - 0 0 3 connected\n")]
    [InlineData("a 10.1.0.1:6379@16379 myself,master - 0 0 3 connected 5-16384\n")]
    [InlineData("a 10.1.0.1:6379@16379 myself,master - 0 0 3 connected 9-5\n")]
    [InlineData("a 10.1.0.1:6379@16379 myself,master - 0 0 3 connected x\n")]
    public void NonsenseIsRefused(string nodes) => Assert.Throws<InvalidDataException>(() => Parse(nodes));

    [Fact]
    public void EndpointsOfShards()
    {
        object?[] shards =
        [
            new object?[]
            {
                "slots", new object?[] { 0, 5460 },
                "nodes", new object?[]
                {
                    new object?[] { "id", "a", "port", 6379, "ip", "10.1.0.1", "endpoint", "cache-0.example.com", "hostname", "cache-0.example.com", "role", "master", "replication-offset", 72156, "health", "online", "availability-zone", "eu-1a" },
                    new object?[] { "id", "b", "tls-port", 6390, "ip", "10.1.0.2", "endpoint", null, "role", "replica", "replication-offset", 72156, "health", "loading", "availability-zone", "" },
                },
                "id", "5f3b",
            },
            new object?[] { "slots", Array.Empty<object?>(), "nodes", Array.Empty<object?>() },
        ];
        var endpoints = AnnouncedEndpoint.OfShards(Texts.Reply(shards), isTls: false);
        Assert.Equal(new("cache-0.example.com", 6379, "eu-1a"), endpoints["a"]);
        Assert.Equal(new("", 6390, null), endpoints["b"]);
        Assert.Equal(2, endpoints.Count);
    }

    [Fact]
    public void EndpointsOfSlots()
    {
        object?[] slots =
        [
            new object?[] { 0, 5460, new object?[] { "10.1.0.1", 6379, "a" }, new object?[] { "", 6380, "b", Array.Empty<object?>() } },
            new object?[] { 5461, 16383, new object?[] { null, 6381, "c", new object?[] { "ip", "10.1.0.3", "availability-zone", "z" } }, new object?[] { "?", 6382 } },
        ];
        var endpoints = AnnouncedEndpoint.OfSlots(Texts.Reply(slots));
        Assert.Equal(new("10.1.0.1", 6379, null), endpoints["a"]);
        Assert.Equal(new("", 6380, null), endpoints["b"]);
        Assert.Equal(new("", 6381, "z"), endpoints["c"]);
        Assert.Equal(3, endpoints.Count);
    }

    private static ClusterView Parse(string nodes, Dictionary<string, AnnouncedEndpoint>? endpoints = null) => ClusterViewParser.Parse(Texts.Info(9), nodes, endpoints ?? [], Texts.Here);
}
