namespace RedisTopology.Operator.Tests.Scripts;

/// <summary>The decisions of entry.sh's empty-master guard, on node tables written for the purpose; in the server's place is a program that says what it found.</summary>
public sealed class GuardTests
{
    private const string Me = "1111111111111111111111111111111111111111";
    private const string Other = "2222222222222222222222222222222222222222";
    private const string Third = "3333333333333333333333333333333333333333";
    private const string Fourth = "4444444444444444444444444444444444444444";
    private const string Vars = "vars currentEpoch 6 lastVoteEpoch 0";

    public static TheoryData<string, string, bool, string[]> Tables
    {
        get
        {
            (string Case, bool Kept, string[] Lines)[] tables =
            [
                ("a master with slots and a replica is not to come back empty", false, [Line(Me, "myself,master", "-", "0-16383"), Line(Other, "slave", Me), Vars]),
                ("nor when its slots are single, or open", false, [Line(Me, "myself,master", "-", "7 [9->-2222222222222222222222222222222222222222]"), Line(Other, "slave", Me), Vars]),
                ("nor when its replica was failing", false, [Line(Me, "myself,master", "-", "0-16383"), Line(Other, "slave,fail?", Me), Vars]),
                ("nor when no replica is listed: one attached a second ago may not be yet", false, [Line(Me, "myself,master", "-", "0-8191"), Line(Other, "master", "-", "8192-16383"), Vars]),
                ("a replica copies its master again", true, [Line(Me, "myself,slave", Other), Line(Other, "master", "-", "0-16383"), Vars]),
                ("a master without slots owns nothing", true, [Line(Me, "myself,master", "-"), Line(Other, "master", "-", "0-16383"), Line(Third, "slave", Other), Vars]),
                ("a node alone was never part of a cluster", true, [Line(Me, "myself,master", "-"), Vars]),
                ("an empty table is the server's to judge", true, [""]),
            ];
            return [.. from table in tables from shell in Shell.Names select (shell.Data, table.Case, table.Kept, table.Lines)];
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task The_identity_is_kept_unless_it_owns_slots_whose_data_is_gone(string shell, string reason, bool kept, string[] lines)
    {
        using var pod = Pod(Shell.Of(shell), lines);
        var result = await RunAsync(pod, electionSeconds: 30);
        Assert.True(kept == result.Output.Contains("nodes.conf", StringComparison.Ordinal), $"{reason}: {result.Output}");
        Assert.Equal(!kept, result.Output.Contains("starting under a new identity", StringComparison.Ordinal));
        Assert.Equal(0, result.ExitCode);
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(20), $"nothing to wait for, and yet it took {result.Elapsed}");
    }

    [Fact]
    public async Task Without_a_table_the_server_just_starts()
    {
        using var pod = Pod(Shell.Dash, null);
        var result = await RunAsync(pod, electionSeconds: 6);
        Assert.Equal((0, "server:\n"), (result.ExitCode, result.Output));
    }

    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task Old_copies_of_the_data_are_removed(string shell)
    {
        using var pod = Pod(Shell.Of(shell), null);
        await File.WriteAllTextAsync(pod["data/dump.rdb"], "old", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(pod["data/temp-1792.1.rdb"], "half a copy", TestContext.Current.CancellationToken);
        Assert.Equal("server:\n", (await RunAsync(pod, electionSeconds: 6)).Output);
    }

    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task With_three_masters_it_waits_for_the_election_but_not_for_ever(string shell)
    {
        // A replica that accepts and never answers: each question must be cut short, and the whole must stay bounded.
        await using var frozen = await RedisProcess.StartAsync(new RedisProcessOptions { Cluster = true }, TestContext.Current.CancellationToken);
        frozen.Freeze();
        using var pod = Pod(Shell.Of(shell), ThreeMasters(1, 2, frozen.Port));
        var result = await RunAsync(pod, electionSeconds: 6);
        Assert.DoesNotContain("nodes.conf", result.Output, StringComparison.Ordinal);
        Assert.InRange(result.Elapsed.TotalSeconds, 1, 20);
    }

    [Theory]
    [InlineData("myself,master", "-", 3, false)]
    [InlineData("myself,slave", Third, 3, false)]
    [InlineData("myself,slave", Me, 3, true)]
    [InlineData("", "", 3, true)]
    [InlineData("myself,slave", Me, 1, false)]
    public async Task It_waits_for_the_election_while_its_replicas_still_follow_it(string flags, string follows, int masters, bool waits)
    {
        using var pod = Pod(Shell.Dash, masters == 3 ? ThreeMasters(1, 2) : [Line(Me, "myself,master", "-", "0-16383"), Line(Fourth, "slave", Me, "", "127.0.0.1:3"), Vars]);
        pod.Install("redis-cli", flags.Length == 0 ? "exit 1" : $"echo '{Line(Fourth, flags, follows)}'");
        var result = await RunAsync(pod, electionSeconds: 6);
        Assert.DoesNotContain("nodes.conf", result.Output, StringComparison.Ordinal);
        Assert.Equal(waits, result.Elapsed > TimeSpan.FromSeconds(5));
        Assert.InRange(result.Elapsed.TotalSeconds, 0, 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_new_node_answers_no_replication(bool isNew)
    {
        using var pod = Pod(Shell.Dash, isNew ? null : [Line(Me, "myself,slave", Other), Line(Other, "master", "-", "0-16383"), Vars]);
        await RunAsync(pod, electionSeconds: 6);
        var conf = await File.ReadAllTextAsync(pod["run/redis/node.conf"], TestContext.Current.CancellationToken);
        Assert.Equal(isNew, conf.Contains("-psync -sync", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("save 3600 1", "dump.rdb", true)]
    [InlineData("appendonly yes", "appendonlydir/appendonly.aof.1.incr.aof", true)]
    [InlineData("appendonly yes", "dump.rdb", true)]
    [InlineData("save 3600 1", "", false)]
    [InlineData("appendonly yes", "", false)]
    [InlineData("save \"\"", "dump.rdb", false)]
    public async Task With_persistence_the_identity_is_kept_when_its_data_is_here(string setting, string file, bool kept)
    {
        using var pod = Pod(Shell.Dash, [Line(Me, "myself,master", "-", "0-8191"), Line(Other, "master", "-", "8192-16383"), Vars]);
        await ConfigureAsync(pod, setting, file);
        var result = await RunAsync(pod, electionSeconds: 6);
        Assert.True(kept == result.Output.Contains("nodes.conf", StringComparison.Ordinal), result.Output);
        Assert.Equal(kept, file.Length > 0 && File.Exists(pod["data/" + file]));
        Assert.True(result.Elapsed < TimeSpan.FromSeconds(5), $"nobody could take over, and yet it waited {result.Elapsed}");
    }

    [Theory]
    [InlineData("dump.rdb", 1, true)]
    [InlineData("dump.rdb", 3, true)]
    [InlineData("appendonlydir/appendonly.aof.1.base.rdb", 3, false)]
    public async Task A_master_with_an_old_snapshot_lets_its_replicas_take_over_first(string file, int masters, bool waits)
    {
        using var pod = Pod(Shell.Dash, masters == 3 ? ThreeMasters(1, 2) : [Line(Me, "myself,master", "-", "0-16383"), Line(Fourth, "slave", Me, "", "127.0.0.1:3"), Vars]);
        await ConfigureAsync(pod, "save 3600 1", file);
        pod.Install("redis-cli", "exit 1");
        var result = await RunAsync(pod, electionSeconds: 6);
        Assert.Equal(waits, result.Elapsed > TimeSpan.FromSeconds(5));
        Assert.Contains("nodes.conf", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task The_newest_data_is_loaded_whatever_the_configuration_says(string shell)
    {
        using var pod = Pod(Shell.Of(shell), null);
        pod.Install("redis-server", "echo arguments: $*");
        await ConfigureAsync(pod, "appendonly yes", "");
        Assert.Contains("arguments: /config/redis.conf\n", (await RunAsync(pod, electionSeconds: 6)).Output, StringComparison.Ordinal);

        // Snapshots were switched to a log, which has not been begun yet.
        await ConfigureAsync(pod, "appendonly yes", "dump.rdb");
        Assert.Contains("redis.conf --appendonly no --min-replicas-to-write 1\n", (await RunAsync(pod, electionSeconds: 6)).Output, StringComparison.Ordinal);

        // A log was switched to snapshots, of which there is only an old one.
        await ConfigureAsync(pod, "save 3600 1", "appendonlydir/appendonly.aof.1.incr.aof");
        File.SetLastWriteTimeUtc(pod["data/dump.rdb"], DateTime.UnixEpoch.AddYears(50));
        Assert.Contains("redis.conf --appendonly yes --min-replicas-to-write 1\n", (await RunAsync(pod, electionSeconds: 6)).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(pod["data/dump.rdb"]));
    }

    public static TheoryData<string, string, bool, string[], string[], string> Unread
    {
        get
        {
            string[] master = [Line(Me, "myself,master", "-", "0-16383"), Line(Fourth, "slave", Me), Vars];
            string[] replica = [Line(Me, "myself,slave", Other), Line(Other, "master", "-", "0-16383"), Vars];
            (string Case, bool Read, string[] Table, string[] Peer, string Left)[] cases =
            [
                ("a replica took over: its copy counts", false, master, [Line(Fourth, "myself,master", "-", "0-16383")], "unread"),
                ("a replica still follows: nobody has more", false, master, [Line(Fourth, "myself,slave", Me)], "appendonlydir nodes.conf"),
                ("its master is alive", false, replica, [Line(Other, "myself,master", "-", "0-16383"), Line(Me, "slave,fail", Other)], "nodes.conf unread"),
                ("its master is not", false, replica, [Line(Third, "myself,master", "-", "0-8191"), Line(Other, "master,fail", "-", "8192-16383"), Line(Me, "slave", Other)], "appendonlydir nodes.conf"),
                ("its master is somebody else's", false, replica, [Line(Third, "myself,master", "-", "0-16383")], "appendonlydir nodes.conf"),
                ("the last start went well", true, replica, [Line(Other, "myself,master", "-", "0-16383"), Line(Me, "slave", Other)], "appendonlydir nodes.conf"),
            ];
            return [.. from c in cases from shell in Shell.Names select (shell.Data, c.Case, c.Read, c.Table, c.Peer, c.Left)];
        }
    }

    [Theory]
    [MemberData(nameof(Unread))]
    public async Task Data_that_was_not_read_is_set_aside_where_another_server_has_it(string shell, string reason, bool read, string[] table, string[] peer, string left)
    {
        using var pod = Pod(Shell.Of(shell), table);
        await ConfigureAsync(pod, "appendonly yes", "appendonlydir/appendonly.aof.1.incr.aof");
        if (!read)
            await File.WriteAllTextAsync(pod["run/redis/loading"], "", TestContext.Current.CancellationToken);
        pod.Install("redis-cli", $"echo '{string.Join('\n', peer)}'");
        var result = await RunAsync(pod, electionSeconds: 7);
        var kept = left.Contains("appendonlydir", StringComparison.Ordinal);
        Assert.True(kept == File.Exists(pod["data/appendonlydir/appendonly.aof.1.incr.aof"]), $"{reason}: {result.Output}");
        Assert.Equal(!kept, File.Exists(pod["data/unread/appendonlydir/appendonly.aof.1.incr.aof"]));
        Assert.Equal(left.Contains("nodes.conf", StringComparison.Ordinal), File.Exists(pod["data/nodes.conf"]));
        Assert.Equal(kept && !read, File.Exists(pod["run/redis/ended"]));
        Assert.True(File.Exists(pod["run/redis/loading"]));
    }

    private static async Task ConfigureAsync(FakePod pod, string setting, string file)
    {
        await File.WriteAllTextAsync(pod["config/redis.conf"], setting + "\n", TestContext.Current.CancellationToken);
        if (file.Length == 0)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(pod["data/" + file])!);
        await File.WriteAllTextAsync(pod["data/" + file], "data", TestContext.Current.CancellationToken);
    }

    private static string[] ThreeMasters(int one, int two, int replica = 3) =>
    [
        Line(Me, "myself,master", "-", "0-5460"),
        Line(Other, "master", "-", "5461-10922", $"127.0.0.1:{one}"),
        Line(Third, "master", "-", "10923-16383", $"127.0.0.1:{two}"),
        Line(Fourth, "slave", Me, "", $"127.0.0.1:{replica}"),
        Vars,
    ];

    private static string Line(string id, string flags, string master, string slots = "", string endpoint = "127.0.0.1:1") =>
        $"{id} {endpoint}@16379,blog-a-0.blog-nodes.shop.svc {flags} {master} 0 1690000000000 1 connected {slots}".TrimEnd();

    private static FakePod Pod(Shell shell, string[]? table)
    {
        var pod = FakePod.Create(shell, 1, "x");
        pod.Install("redis-server", "echo server: $(cd /data && echo * | sed 's/[*]//')");
        if (table is not null)
            File.WriteAllText(pod["data/nodes.conf"], string.Join('\n', table) + "\n");
        return pod;
    }

    private static Task<ScriptResult> RunAsync(FakePod pod, int electionSeconds)
    {
        pod.SetElectionSeconds(electionSeconds);
        return pod.RunAsync("entry.sh", ("POD_NAME", "blog-a-0"), ("POD_NAMESPACE", "shop"), ("POD_SUBDOMAIN", "blog-nodes"), ("POD_IP", "127.0.0.1"));
    }
}
