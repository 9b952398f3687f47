using CsCheck;
using RedisTopology.Cli.Servers;
using RedisTopology.Core.Topology;
using RedisTopology.Testing;

namespace RedisTopology.Cli.Tests.Servers;

public sealed class ServerReportParserTests
{
    private const string Replica = """
        07c37df 10.0.0.1:6379@16379,web-0.nodes slave e7d1eec 0 1426238317239 4 connected
        e7d1eec 10.0.0.2:6379@16379,web-1.nodes myself,master - 0 0 1 connected 0-100 200 [300->-07c37df] [301-<-aaa]
        cluster_state:ok
        # Memory
        used_memory:1048576
        maxmemory:2097152
        # Stats
        instantaneous_ops_per_sec:42
        instantaneous_input_kbps:1.50
        # Replication
        role:master
        master_repl_offset:777
        # Keyspace
        db0:keys=3,expires=1,avg_ttl=0
        redis_version:7.2.4
        """;

    [Fact]
    public void A_master_is_read_with_its_slots_and_figures()
    {
        var report = ServerReportParser.Parse(Replica.ReplaceLineEndings("\r\n"))!;
        Assert.Equal(NodeRole.Master, report.Role);
        Assert.Equal("0-100,200", report.Slots.ToString());
        Assert.Equal(2, report.OpenSlots);
        Assert.Equal((777, 3, 42, 1048576, 2097152), (report.Offset, report.Keys, report.OpsPerSecond, report.UsedMemory, report.MaxMemory));
        Assert.Equal(1.5, report.InputKiB);
        Assert.True(report.ClusterOk);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Could not connect to Redis at 127.0.0.1:6379: Connection refused")]
    [InlineData("NOAUTH Authentication required.")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    public void A_server_that_does_not_answer_has_no_report(string answer) => Assert.Null(ServerReportParser.Parse(answer));

    [Fact]
    public void Whatever_is_answered_it_does_not_throw() => Gen.String[Gen.Char["myself,master -0123456789[]->:\r\n#keysdb="], 0, 400].Sample(text => ServerReportParser.Parse(text) is not null || text is not null);

    [Fact]
    public async Task Real_servers_are_understood()
    {
        await using var cluster = await LocalCluster.StartAsync(masters: 3, ct: TestContext.Current.CancellationToken);
        var reports = new List<ServerReport?>();
        foreach (var server in cluster.Nodes)
            reports.Add(ServerReportParser.Parse(string.Join('\n', await server.ExecuteAsync("CLUSTER", "NODES"), await server.ExecuteAsync("CLUSTER", "INFO"), await server.ExecuteAsync("INFO"))));
        Assert.Equal(16384, reports.Sum(r => r!.Slots.Count));
        Assert.All(reports, r => Assert.True(r is { Role: NodeRole.Master, ClusterOk: true, LinkUp: true, UsedMemory: > 0, Version.Length: > 0 }));
    }
}
