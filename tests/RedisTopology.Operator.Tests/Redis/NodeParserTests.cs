using CsCheck;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Tests.Redis;

/// <summary>Replies as each version of the servers writes them, and replies as no server should.</summary>
public sealed class NodeParserTests
{
    private const string Me = "07c37dfeb235213a872192d90877d0cd55635b91";
    private const string One = "67ed2db8d677e59ec4a4cefb06858cf2a1a89fa1";
    private const string Two = "292f8b365bb7edb5e285caf0b7e6ddc7265d2f4f";
    private const string Host = "blog-a-0.blog-nodes.shop.svc";
    private static readonly ResourceNames Names = new("blog");

    [Fact]
    public void Redis_7_0_writes_the_hostname_after_the_bus_port()
    {
        var (node, hostname) = Parse($"""
            {Me} 10.1.0.4:6379@16379,{Host} myself,master - 0 1426238317000 4 connected 0-99 200 300-16383
            {One} 10.1.0.5:6379@16379,blog-a-1.blog-nodes.shop.svc slave {Me} 0 1426238316232 4 connected
            {Two} 10.1.0.6:6379@16379,blog-b-0.blog-nodes.shop.svc master - 0 1426238315000 7 disconnected 100-199
            """);

        Assert.Equal(Host, hostname);
        Assert.Equal((Me, NodeRole.Master, null, 4, "0-99,200,300-16383"), (node.Id, node.Role, node.MasterId, node.ConfigEpoch, node.Slots.ToString()));
        Assert.True(node.LinkUp);
        var replica = node.Peer(One)!;
        Assert.Equal(("10.1.0.5", new PodIdentity("blog-a-1", "a", 1), NodeRole.Replica, Me, PeerHealth.Ok, true), (replica.Address, replica.Pod, replica.Role, replica.MasterId, replica.Health, replica.Connected));
        var other = node.Peer(Two)!;
        Assert.Equal((NodeRole.Master, "100-199", false, 7), (other.Role, other.Slots.ToString(), other.Connected, other.ConfigEpoch));
    }

    [Theory]
    // Redis 7.2 and 7.4, Valkey 7.2 and 8: auxiliary fields follow; without a hostname its place is empty.
    [InlineData("10.1.0.5:6379@16379,blog-a-1.blog-nodes.shop.svc,shard-id=69bc080733d1355567173199cff4a6a039a2f024", "10.1.0.5", true)]
    [InlineData("10.1.0.5:6379@16379,blog-a-1.blog-nodes.shop.svc,tls-port=0,shard-id=69bc080733d1355567173199cff4a6a039a2f024", "10.1.0.5", true)]
    [InlineData("10.1.0.5:6379@16379,blog-a-1.blog-nodes.shop.svc,nodename=x,shard-id=69bc080733d1355567173199cff4a6a039a2f024", "10.1.0.5", true)]
    [InlineData("10.1.0.5:6379@16379,,tls-port=0,shard-id=69bc080733d1355567173199cff4a6a039a2f024", "10.1.0.5", false)]
    [InlineData("10.1.0.5:6379@16379,,shard-id=69bc080733d1355567173199cff4a6a039a2f024", "10.1.0.5", false)]
    // Redis 6 and 7.0 without one; a peer that has not announced it yet; another cluster's pod.
    [InlineData("10.1.0.5:6379@16379", "10.1.0.5", false)]
    [InlineData("10.1.0.5:6379@16379,", "10.1.0.5", false)]
    [InlineData("10.1.0.5:6379@16379,?", "10.1.0.5", false)]
    [InlineData("10.1.0.5:6379@16379,shop-a-1.shop-nodes.shop.svc", "10.1.0.5", false)]
    // An address nobody knows any more; IPv6, which is written without brackets.
    [InlineData(":0@0,blog-a-1.blog-nodes.shop.svc", null, true)]
    [InlineData(":0@0", null, false)]
    [InlineData("fd00:10:244::1f:6379@16379,blog-a-1.blog-nodes.shop.svc", "fd00:10:244::1f", true)]
    public void Every_form_of_an_address_is_read(string endpoint, string? address, bool ours)
    {
        var (node, _) = Parse($"""
            {Me} 10.1.0.4:6379@16379,{Host},shard-id=aa myself,master - 0 0 4 connected 0-16383
            {One} {endpoint} slave {Me} 0 1426238316232 4 connected
            """);
        Assert.Equal((address, ours ? new PodIdentity("blog-a-1", "a", 1) : null), (node.Peer(One)!.Address, node.Peer(One)!.Pod));
    }

    [Theory]
    [InlineData("master", PeerHealth.Ok)]
    [InlineData("master,nofailover", PeerHealth.Ok)]
    [InlineData("master,fail?", PeerHealth.Suspect)]
    [InlineData("master,fail", PeerHealth.Failed)]
    [InlineData("handshake", PeerHealth.Handshake)]
    [InlineData("master,handshake", PeerHealth.Handshake)]
    [InlineData("master,noaddr", PeerHealth.NoAddress)]
    [InlineData("master,fail,noaddr", PeerHealth.Failed)]
    [InlineData("master,fail?,noaddr", PeerHealth.NoAddress)]
    [InlineData("noflags", PeerHealth.Ok)]
    public void Every_flag_is_read(string flags, PeerHealth health)
    {
        var (node, _) = Parse($"""
            {Me} 10.1.0.4:6379@16379,{Host} myself,master - 0 0 4 connected 0-16383
            {One} 10.1.0.5:6379@16379 {flags} - 0 1426238316232 0 disconnected
            """);
        Assert.Equal(health, node.Peer(One)!.Health);
    }

    [Fact]
    public void Open_slots_are_no_ranges()
    {
        var (node, _) = Parse($"{Me} 10.1.0.4:6379@16379,{Host} myself,master - 0 0 4 connected 0-92 94-100 [93->-{One}] [101-<-{Two}]");
        Assert.Equal("0-92,94-100", node.Slots.ToString());
    }

    [Fact]
    public void A_replica_tells_its_link_its_offset_and_its_masters_address()
    {
        var text = $"{Me} 10.1.0.4:6379@16379,{Host} myself,slave {One} 0 0 4 connected\n{One} 10.1.0.5:6379@16379 master - 0 0 4 connected 0-16383\n";
        var (node, _) = NodeParser.Parse(
            text,
            "# Memory\r\nused_memory:1048576\r\n# Replication\r\nrole:slave\r\nmaster_host:10.1.0.9\r\nmaster_link_status:down\r\nslave_repl_offset:1234\r\nmaster_repl_offset:99\r\nloading:1\r\n# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=0\r\n",
            "cluster_state:fail\r\ncluster_current_epoch:9\r\n",
            Names,
            "shop");

        Assert.Equal((NodeRole.Replica, One, "10.1.0.9", false), (node.Role, node.MasterId, node.MasterHost, node.LinkUp));
        Assert.Equal((1234, 12, 1048576, 9), (node.Offset, node.Keys, node.UsedMemory, node.CurrentEpoch));
        Assert.Equal((true, false), (node.Loading, node.ClusterOk));
    }

    [Theory]
    [InlineData("server_time_usec:100000000", 95_001, true)]
    [InlineData("server_time_usec:100000000", 95_000, false)]
    [InlineData("server_time_usec:100000000", 100_500, true)]
    [InlineData("redis_version:6.0.0", 100_000, false)]
    public void Who_answered_within_the_node_timeout_was_heard_by_the_servers_own_clock(string info, long pong, bool heard)
    {
        var text = $"{Me} 10.1.0.4:6379@16379 myself,master - 0 0 4 connected\n{One} 10.1.0.5:6379@16379 master - 0 {pong} 4 connected\n";
        var (node, _) = NodeParser.Parse(text, info, "", Names, "shop", TimeSpan.FromSeconds(5));
        Assert.Equal(heard, node.Peer(One)!.Heard);
    }

    [Fact]
    public void Slots_on_their_way_are_read_from_both_ends()
    {
        var (node, _) = Parse($"{Me} 10.1.0.4:6379@16379 myself,master - 0 0 4 connected 0-99 [93->-{One}] [16383-<-{Two}]\n");
        Assert.Equal("0-99", node.Slots.ToString());
        Assert.Equal([new OpenSlot(93, false, One), new OpenSlot(16383, true, Two)], node.OpenSlots);
    }

    [Theory]
    [InlineData("redis_version:7.0.15", SlotMigration.Keys)]
    [InlineData("redis_version:8.2.1", SlotMigration.Keys)]
    [InlineData("redis_version:8.4.0", SlotMigration.ToTarget)]
    [InlineData("redis_version:10.0.0", SlotMigration.ToTarget)]
    // Valkey goes on telling the version of Redis it is compatible with.
    [InlineData("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:8.1.3", SlotMigration.Keys)]
    [InlineData("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.0.0", SlotMigration.FromSource)]
    [InlineData("", SlotMigration.Keys)]
    [InlineData("redis_version:garbage", SlotMigration.Keys)]
    public void The_version_tells_how_slots_can_be_handed_over(string info, SlotMigration expected)
    {
        var (node, _) = NodeParser.Parse($"{Me} 10.1.0.4:6379@16379 myself,master - 0 0 4 connected", info + "\r\nmaxmemory:1048576\r\n", "", Names, "shop");
        Assert.Equal((expected, 1048576L), (node.Migration, node.MaxMemory));
    }

    [Fact]
    public void The_digest_knows_neither_order_nor_time_nor_the_one_who_answers()
    {
        string[] asOne =
        [
            $"{Me} 10.1.0.4:6379@16379,{Host} myself,master - 0 0 4 connected 0-8191",
            $"{One} 10.1.0.5:6379@16379,b,shard-id=x slave {Me} 0 1426238316232 4 connected",
            $"{Two} 10.1.0.6:6379@16379 master - 1426238316000 1426238316232 7 connected 8192-16383",
        ];
        string[] asTwo =
        [
            $"{Two} 10.1.0.6:6379@16379 myself,master - 0 0 7 connected 8192-16383",
            $"{Me} 10.1.0.4:6379@16379,{Host} master - 1 99 5 disconnected 0-8191",
            $"{One} 10.1.0.5:6379@16379,b slave,fail? {Me} 7 8 0 connected",
        ];
        Assert.Equal(NodeParser.Digest(string.Join('\n', asOne)), NodeParser.Digest(string.Join("\r\n", asTwo)));
        Gen.Shuffle(asOne).Sample(lines => Assert.Equal(NodeParser.Digest(string.Join('\n', asOne)), NodeParser.Digest(string.Join('\n', lines))), iter: 20);
    }

    [Theory]
    [InlineData("slave " + Me, "master -")]
    [InlineData("slave " + Me, "slave " + Two)]
    [InlineData("slave " + Me, "slave,fail " + Me)]
    [InlineData("10.1.0.5:", "10.1.0.7:")]
    [InlineData("0-8191", "0-8190")]
    [InlineData("0-8191", "0-8191 [93->-" + Two + "]")]
    [InlineData(One, "aaaa2db8d677e59ec4a4cefb06858cf2a1a89fa1")]
    public void The_digest_tells_a_change_of_role_master_health_address_slots_or_identity(string before, string after)
    {
        var nodes = $"{Me} 10.1.0.4:6379@16379 myself,master - 0 0 4 connected 0-8191\n{One} 10.1.0.5:6379@16379 slave {Me} 0 0 4 connected\n{Two} 10.1.0.6:6379@16379 master - 0 0 7 connected 8192-16383\n";
        Assert.Contains(before, nodes, StringComparison.Ordinal);
        Assert.NotEqual(NodeParser.Digest(nodes), NodeParser.Digest(nodes.Replace(before, after, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ERR something")]
    [InlineData("a b c")]
    [InlineData(Me + " 10.1.0.4:6379@16379 master - 0 0 4 connected 0-16383")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 x connected")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 -1 connected")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 4 connected 0-16384")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 4 connected 5-1")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 4 connected 0-1 ")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 4 connected x")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 4 connected [93]")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 4 connected [16384->-a]")]
    [InlineData(Me + " 10.1.0.4:6379@16379 myself,master - 0 0 4 connected [93->-]")]
    public void What_no_server_writes_is_a_FormatException(string nodes)
    {
        if (nodes.EndsWith(' '))
            Assert.Equal("0-1", Parse(nodes).Node.Slots.ToString());
        else
            Assert.Throws<FormatException>(() => Parse(nodes));
    }

    [Fact]
    public void Garbage_gives_a_FormatException_or_nothing_worse()
    {
        var token = Gen.Frequency(
            (3, Gen.Int[0, 15].Select(i => ((string[])["-", "", ":", "@", ",", "myself", "myself,master", "slave", "fail?", Me, One, "0", "4", "-1", "connected", "0-16383"])[i])),
            (2, Gen.Int[0, 9].Select(i => ((string[])["[93-<-", "[", "]", "99999", "1-0", "::@", "10.1.0.4:6379@16379,h", ",,,", "\0", "٣"])[i])),
            (1, Gen.String));
        var line = token.List[0, 12].Select(t => string.Join(' ', t));
        Gen.Select(line.List[0, 4].Select(l => string.Join('\n', l)), Gen.String, Gen.String).Sample((nodes, info, clusterInfo) =>
        {
            Tolerates(() => NodeParser.Parse(nodes, info, clusterInfo, Names, "shop"));
            Tolerates(() => NodeParser.Digest(nodes));
        }, iter: 5000);
    }

    [Fact]
    public void A_true_reply_with_one_field_broken_gives_a_FormatException_or_nothing_worse()
    {
        var reply = $"{Me} 10.1.0.4:6379@16379,{Host},shard-id=aa myself,master - 0 0 4 connected 0-92 [93->-{One}]\n{One} 10.1.0.5:6379@16379 slave {Me} 0 0 4 connected\n";
        Gen.Select(Gen.Int[0, reply.Length - 1], Gen.Int[0, 8], Gen.String[0, 3]).Sample((at, length, by) =>
        {
            var broken = reply[..at] + by + reply[Math.Min(reply.Length, at + length)..];
            Tolerates(() => NodeParser.Parse(broken, "", "", Names, "shop"));
            Tolerates(() => NodeParser.Digest(broken));
        }, iter: 5000);
    }

    private static (ObservedNode Node, string? Hostname) Parse(string nodes) => NodeParser.Parse(nodes, "loading:0", "cluster_state:ok", Names, "shop");

    private static void Tolerates<T>(Func<T> parse)
    {
        try
        {
            parse();
        }
        catch (FormatException)
        {
            // What the observer is prepared for.
        }
    }
}
