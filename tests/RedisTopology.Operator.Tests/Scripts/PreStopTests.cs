namespace RedisTopology.Operator.Tests.Scripts;

/// <summary>prestop.sh: a master hands over, and whatever happens the script ends well within the pod's grace period of 30 s.</summary>
public sealed class PreStopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task A_master_hands_over_to_its_replica_and_ends_as_a_replica(string shell)
    {
        Shell.Of(shell).Require();
        await using var cluster = await TestRedisCluster.FormAsync(1, 1);
        using var pod = FakePod.Create(Shell.Of(shell), cluster.Nodes[0].Port, TestRedisCluster.Password);
        var result = await pod.RunAsync("prestop.sh");
        Assert.Equal(0, result.ExitCode);
        Assert.InRange(result.Elapsed.TotalSeconds, 0, 15);
        Assert.False(await TestRedisCluster.IsMasterAsync(cluster.Nodes[0]), result.Output);
        Assert.True(await TestRedisCluster.IsMasterAsync(cluster.Nodes[1]));

        // Now a replica: nothing to hand over.
        var again = await pod.RunAsync("prestop.sh");
        Assert.Equal((0, ""), (again.ExitCode, again.Output));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [InlineData(1, false)]
    public async Task The_replica_that_is_furthest_takes_over(int frozen, bool writes)
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 2);
        var (behind, ahead) = (cluster.Nodes[1 + frozen], cluster.Nodes[2 - frozen]);
        behind.Freeze();
        if (writes)
        {
            // One of them misses these; without writes both claim the same offset, and one does not answer.
            for (var i = 0; i < 50; i++)
                await cluster.Nodes[0].ExecuteAsync("SET", $"k{i}", "v");
            await TestRedisCluster.CatchUpAsync(cluster.Nodes[0], ahead);
        }

        using var pod = FakePod.Create(Shell.Dash, cluster.Nodes[0].Port, TestRedisCluster.Password);
        var result = await pod.RunAsync("prestop.sh");
        behind.Resume();

        Assert.Equal(0, result.ExitCode);
        Assert.True(await TestRedisCluster.IsMasterAsync(ahead), result.Output);
        Assert.InRange(result.Elapsed.TotalSeconds, 0, 15);
        if (writes)
            Assert.Equal(50L, await ahead.ExecuteAsync("DBSIZE"));
    }

    [Fact]
    public async Task With_a_frozen_replica_only_it_ends_all_the_same()
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 1);
        cluster.Nodes[1].Freeze();
        using var pod = FakePod.Create(Shell.Dash, cluster.Nodes[0].Port, TestRedisCluster.Password);
        var result = await pod.RunAsync("prestop.sh");
        Assert.Equal(0, result.ExitCode);
        Assert.InRange(result.Elapsed.TotalSeconds, 1, 15);
        Assert.True(await TestRedisCluster.IsMasterAsync(cluster.Nodes[0]));
    }

    [Fact]
    public async Task Without_a_replica_it_ends_at_once()
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 0);
        using var pod = FakePod.Create(Shell.Dash, cluster.Nodes[0].Port, TestRedisCluster.Password);
        var result = await pod.RunAsync("prestop.sh");
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
        Assert.InRange(result.Elapsed.TotalSeconds, 0, 10);
    }

    /// <summary>As in a shard that is about to go: no election comes for it, and none must come late, when the next server of this pod has got slots.</summary>
    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task A_master_without_slots_hands_nothing_over(string shell)
    {
        Shell.Of(shell).Require();
        await using var cluster = await TestRedisCluster.FormAsync(1, 1);
        await cluster.Nodes[0].ExecuteAsync("CLUSTER", "DELSLOTSRANGE", "0", "16383");
        using var pod = FakePod.Create(Shell.Of(shell), cluster.Nodes[0].Port, TestRedisCluster.Password);
        var result = await pod.RunAsync("prestop.sh");
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_frozen_or_absent_server_does_not_hold_it_up()
    {
        await using var node = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true }, Ct);
        using var pod = FakePod.Create(Shell.Dash, node.Port, "");
        node.Freeze();
        var result = await pod.RunAsync("prestop.sh");
        Assert.Equal(0, result.ExitCode);
        Assert.InRange(result.Elapsed.TotalSeconds, 0, 10);
        await node.KillAsync();
        Assert.Equal(0, (await pod.RunAsync("prestop.sh")).ExitCode);
    }

    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task Candidates_are_tried_in_the_order_of_their_offsets(string shell)
    {
        using var pod = FakePod.Create(Shell.Of(shell), 1, "x");
        pod.Install("redis-cli", """
            case "$*" in
              "info replication") printf 'role:master\r\nconnected_slaves:4\r\n'
                printf 'slave0:ip=10.0.0.1,port=6379,state=online,offset=900,lag=0\r\n'
                printf 'slave1:ip=fd00::2,port=6380,state=online,offset=1000,lag=0\r\n'
                printf 'slave2:ip=10.0.0.3,port=6379,state=wait_bgsave,offset=5000,lag=0\r\n'
                printf 'slave3:ip=10.0.0.4,port=6379,state=online,offset=1001,lag=0\r\nmaster_repl_offset:1001\r\n' ;;
              "cluster nodes") ;;
              *) echo "$*" >> /data/orders; echo "ERR no" ;;
            esac
            """);
        var result = await pod.RunAsync("prestop.sh");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            ["-h 10.0.0.4 -p 6379 cluster failover", "-h fd00::2 -p 6380 cluster failover", "-h 10.0.0.1 -p 6379 cluster failover"],
            await File.ReadAllLinesAsync(pod["data/orders"], Ct));
    }
}
