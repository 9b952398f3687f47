namespace RedisTopology.Operator.Tests.Scripts;

/// <summary>alive.sh and ready.sh against servers in every state they meet.</summary>
public sealed class ProbeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task A_fresh_server_is_alive_and_not_ready(string shell)
    {
        await using var node = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true, Password = "secret" }, Ct);
        using var pod = FakePod.Create(Shell.Of(shell), node.Port, "secret");
        await AssertAsync(pod, alive: true, ready: false, "cluster_state is not ok\n");
    }

    /// <summary>The entry script takes a mark that is left for a start that failed.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_answers_has_read_its_data(bool answers)
    {
        await using var node = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true, Password = "secret" }, Ct);
        using var pod = FakePod.Create(Shell.Dash, node.Port, "secret");
        await File.WriteAllTextAsync(pod["run/redis/loading"], "", Ct);
        if (!answers)
            node.Freeze();
        Assert.Equal(answers ? 0 : 1, (await pod.RunAsync("alive.sh")).ExitCode);
        Assert.Equal(answers, !File.Exists(pod["run/redis/loading"]));
    }

    [Fact]
    public async Task Nothing_there_is_neither()
    {
        using var port = PortLease.Take();
        using var pod = FakePod.Create(Shell.Dash, port.Port, "secret");
        await AssertAsync(pod, alive: false, ready: false, "the server does not answer\n");
    }

    [Fact]
    public async Task A_password_changed_under_the_server_is_no_reason_to_kill_it()
    {
        await using var node = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true, Password = "secret" }, Ct);
        using var pod = FakePod.Create(Shell.Dash, node.Port, "another");
        await AssertAsync(pod, alive: true, ready: false, "the server takes no password of this pod\n");
    }

    /// <summary>The files of a pod follow a change later than its server, or, after a restart, earlier.</summary>
    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task While_the_password_is_being_changed_the_one_the_server_takes_is_found(string shell)
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 0, nodeTimeoutMilliseconds: 15_000);
        using var pod = FakePod.Create(Shell.Of(shell), cluster.Nodes[0].Port, "another");
        await AssertAsync(pod, alive: true, ready: false);
        pod.SetOthers("next yet another", $"1732615200 {TestRedisCluster.Password}");
        await AssertAsync(pod, alive: true, ready: true, "");
    }

    [Fact]
    public async Task A_frozen_server_is_neither_and_the_answer_comes_in_time()
    {
        await using var node = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true }, Ct);
        using var pod = FakePod.Create(Shell.Dash, node.Port, "");
        node.Freeze();
        var alive = await pod.RunAsync("alive.sh");
        Assert.Equal(1, alive.ExitCode);
        Assert.InRange(alive.Elapsed.TotalSeconds, 3, 10);
        var ready = await pod.RunAsync("ready.sh");
        Assert.Equal(1, ready.ExitCode);
        Assert.InRange(ready.Elapsed.TotalSeconds, 1, 8);
    }

    [Fact]
    public async Task A_server_that_loads_is_alive_and_not_ready()
    {
        var options = new RedisProcessOptions { Cluster = true, Password = "secret" };
        options.Config.Add("enable-debug-command yes");
        await using var node = await RedisProcess.StartAsync(options, Ct);
        await node.ExecuteAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        await node.ExecuteAsync("DEBUG", "POPULATE", "20000", "k", "100");
        await node.ExecuteAsync("SAVE");
        await node.KillAsync();
        options.Config.Add("key-load-delay 1000");
        options.Config.Add("loading-process-events-interval-bytes 1024");

        using var pod = FakePod.Create(Shell.Dash, node.Port, "secret");
        var loading = node.StartAgainAsync(Ct);
        await Eventually.ThatAsync(() => pod.CliAsync("PING"), answer => answer.StartsWith("LOADING", StringComparison.Ordinal), TimeSpan.FromSeconds(10), ct: Ct);
        await AssertAsync(pod, alive: true, ready: false);
        await node.KillAsync();
        await Assert.ThrowsAsync<ProcessStartException>(() => loading);
    }

    [Fact]
    public async Task Master_and_replica_of_a_formed_cluster_are_ready_until_the_link_breaks()
    {
        await using var cluster = await TestRedisCluster.FormAsync(1, 1, nodeTimeoutMilliseconds: 15_000);
        using var master = FakePod.Create(Shell.Dash, cluster.Nodes[0].Port, TestRedisCluster.Password);
        using var replica = FakePod.Create(Shell.Dash, cluster.Nodes[1].Port, TestRedisCluster.Password);
        await AssertAsync(master, alive: true, ready: true, "");
        await AssertAsync(replica, alive: true, ready: true, "");

        await cluster.Nodes[0].KillAsync();
        await Eventually.ThatAsync(() => replica.RunAsync("ready.sh"), r => r.ExitCode == 1, TimeSpan.FromSeconds(5), ct: Ct);
        await AssertAsync(replica, alive: true, ready: false, "the link to the master is down\n");
    }

    private static async Task AssertAsync(FakePod pod, bool alive, bool ready, string? said = null)
    {
        Assert.Equal(alive ? 0 : 1, (await pod.RunAsync("alive.sh")).ExitCode);
        var readiness = await pod.RunAsync("ready.sh");
        Assert.Equal(ready ? 0 : 1, readiness.ExitCode);
        if (said is not null)
            Assert.Equal(said, readiness.Output);
    }
}
