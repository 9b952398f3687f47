using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Tests.Scripts;

/// <summary>entry.sh with a real server.</summary>
public sealed class EntryTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dash", "plain0123")]
    [InlineData("dash", "with \"quotes\" and \\back\\slashes\\ and spaces")]
    [InlineData("dash", "'single' $HOME `id` #hash & \\n %s *")]
    [InlineData("dash", "grüße, 世界")]
    [InlineData("bash", "a\\\"b \\\\ c")]
    [InlineData("busybox", "a\\\"b \\\\ c")]
    public async Task The_server_has_the_password_and_announces_the_pod(string shell, string password)
    {
        using var port = PortLease.Take(10_000);
        using var pod = FakePod.Create(Shell.Of(shell), port.Port, password);
        await using var server = Start(pod, port.Port);

        await Eventually.ThatAsync(() => pod.CliAsync("PING"), answer => answer == "PONG", TimeSpan.FromSeconds(10), describe: a => a + server.LogTail(), ct: Ct);

        Assert.Equal($"masterauth\n{password}", await pod.CliAsync("--raw", "CONFIG", "GET", "masterauth"));
        Assert.Equal($"cluster-announce-hostname\n{new ResourceNames("blog").Hostname("blog-a-0", "shop")}", await pod.CliAsync("CONFIG", "GET", "cluster-announce-hostname"));
        Assert.Equal("cluster-announce-ip\n127.0.0.1", await pod.CliAsync("CONFIG", "GET", "cluster-announce-ip"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(pod["run/redis/node.conf"]));
        Assert.DoesNotContain(password, await File.ReadAllTextAsync($"/proc/{server.Pid}/cmdline", Ct), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shell.Names), MemberType = typeof(Shell))]
    public async Task While_the_password_is_being_changed_the_server_accepts_all_of_them(string shell)
    {
        const string Former = " \"odd\" \\ one & $HOME";
        using var port = PortLease.Take(10_000);
        using var pod = FakePod.Create(Shell.Of(shell), port.Port, "in-use");
        pod.SetOthers("next the-new-one", $"1732615200 {Former}");
        await using var server = Start(pod, port.Port);
        await Eventually.ThatAsync(() => pod.CliAsync("PING"), answer => answer == "PONG", TimeSpan.FromSeconds(10), describe: a => a + server.LogTail(), ct: Ct);

        Assert.Equal("masterauth\nin-use", await pod.CliAsync("--raw", "CONFIG", "GET", "masterauth"));
        foreach (var password in (string[])["in-use", "the-new-one", Former])
            Assert.Equal("OK", await pod.CliAsync("AUTH", password));
        Assert.StartsWith("WRONGPASS", await pod.CliAsync("AUTH", "next"), StringComparison.Ordinal);
        Assert.StartsWith("WRONGPASS", await pod.CliAsync("AUTH", ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rendered_configuration_is_what_the_server_runs_with()
    {
        using var port = PortLease.Take(10_000);
        using var pod = FakePod.Create(Shell.Dash, port.Port, "x");
        await using var server = Start(pod, port.Port);
        await Eventually.ThatAsync(() => pod.CliAsync("PING"), answer => answer == "PONG", TimeSpan.FromSeconds(10), describe: a => a + server.LogTail(), ct: Ct);

        var definition = TestClusters.Define(TestClusters.Even);
        (string Key, string Value)[] expected =
        [
            ("maxmemory", $"{definition.Sizing.MaxMemory}"), ("maxmemory-policy", "allkeys-lru"), ("cluster-enabled", "yes"), ("cluster-node-timeout", "5000"), ("save", ""), ("appendonly", "no"),
            ("cluster-allow-replica-migration", "no"), ("cluster-replica-validity-factor", "0"), ("cluster-require-full-coverage", "no"), ("repl-backlog-size", $"{definition.Sizing.ReplicationBacklog}"),
            ("dir", "/data"),
        ];
        foreach (var (key, value) in expected)
            Assert.Equal($"{key}\n{value}".TrimEnd(), await pod.CliAsync("CONFIG", "GET", key));
    }

    /// <summary>redis.conf is written anew before any pod has another size, growing or shrinking: a server that starts in between goes by the memory its container has.</summary>
    [Theory]
    [InlineData("dash", "67108864", "46976204")]
    [InlineData("busybox", "8589934592", "6012954214")]
    [InlineData("dash", null, "751619276")]
    public async Task Maxmemory_goes_by_the_memory_of_the_container(string shell, string? limit, string maxMemory)
    {
        using var port = PortLease.Take(10_000);
        using var pod = FakePod.Create(Shell.Of(shell), port.Port, "x");
        await File.WriteAllTextAsync(pod["config/maxmemory-percent"], "70", Ct);
        await using var server = Start(pod, port.Port, memoryLimit: limit);
        await Eventually.ThatAsync(() => pod.CliAsync("PING"), answer => answer == "PONG", TimeSpan.FromSeconds(10), describe: a => a + server.LogTail(), ct: Ct);
        Assert.Equal($"maxmemory\n{maxMemory}", await pod.CliAsync("CONFIG", "GET", "maxmemory"));
    }

    /// <summary>
    /// It claims the slots of the keys it has, and serves them as far as it knows. What it acknowledged would be lost when it hears who owns them by now.
    /// </summary>
    [Theory]
    [InlineData("dash")]
    [InlineData("busybox")]
    public async Task A_server_without_its_node_table_acknowledges_no_write(string shell)
    {
        using var port = PortLease.Take(10_000);
        using var pod = FakePod.Create(Shell.Of(shell), port.Port, "x");
        await using (var first = Start(pod, port.Port, also: "appendonly yes\n"))
        {
            await Eventually.ThatAsync(() => pod.CliAsync("PING"), answer => answer == "PONG", TimeSpan.FromSeconds(20), describe: a => a + first.LogTail(), ct: Ct);
            await pod.CliAsync("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
            await Eventually.ThatAsync(() => pod.CliAsync("SET", "key", "kept"), answer => answer == "OK", TimeSpan.FromSeconds(20), describe: a => a + first.LogTail(), ct: Ct);
            await pod.CliAsync("SHUTDOWN");
            await first.WaitForExitAsync(Ct);
        }

        File.Delete(pod["data/nodes.conf"]);
        await using var server = Start(pod, port.Port, also: "appendonly yes\n");
        var answer = await Eventually.ThatAsync(
            () => pod.CliAsync("SET", "key", "lost"),
            a => a == "OK" || a.StartsWith("NOREPLICAS", StringComparison.Ordinal), TimeSpan.FromSeconds(20), describe: a => a + server.LogTail(), ct: Ct);
        Assert.StartsWith("NOREPLICAS", answer, StringComparison.Ordinal);
        Assert.Equal("kept", await pod.CliAsync("GET", "key"));

        // As the operator does, once it knows whose the slots are.
        await pod.CliAsync("CONFIG", "SET", "min-replicas-to-write", "0");
        Assert.Equal("OK", await pod.CliAsync("SET", "key", "new"));
    }

    /// <summary>
    /// The worst accident this operator guards against: an empty master whose replicas copy its emptiness. Three masters elect a successor; with fewer the
    /// replicas still follow its address when it comes back, and it must refuse them until the operator has promoted one.
    /// </summary>
    [Theory]
    [InlineData(3, 1)]
    [InlineData(1, 2)]
    public async Task An_empty_master_comes_back_as_a_stranger_whom_nobody_can_copy(int masters, int replicas)
    {
        await using var cluster = await TestRedisCluster.FormAsync(masters, replicas, nodeTimeoutMilliseconds: 1000);
        var (master, copies) = (cluster.Nodes[0], cluster.Nodes.Skip(masters).ToList());
        await master.ExecuteAsync("SET", "{06S}k", "precious");
        foreach (var copy in copies)
            await TestRedisCluster.CatchUpAsync(master, copy);
        var id = (string)(await master.ExecuteAsync("CLUSTER", "MYID"))!;

        using var pod = FakePod.Create(Shell.Dash, master.Port, TestRedisCluster.Password);
        await master.KillAsync();
        File.Copy(Path.Combine(master.Directory, "nodes.conf"), pod["data/nodes.conf"]);
        await using var server = Start(pod, master.Port, electionSeconds: 25);
        var stranger = await Eventually.ThatAsync(() => pod.CliAsync("CLUSTER", "MYID"), s => s.Length == 40, TimeSpan.FromSeconds(40), describe: s => s + server.LogTail(), ct: Ct);

        Assert.NotEqual(id, stranger);
        if (masters == 3)
            Assert.Single(await Task.WhenAll(copies.Select(TestRedisCluster.IsMasterAsync)), m => m);

        // For as long as a replica takes to connect to a master it follows, and longer.
        for (var i = 0; i < 15; i++)
        {
            foreach (var copy in copies)
                Assert.Equal(1L, await copy.ExecuteAsync("DBSIZE"));
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Ct);
        }
    }

    private static ManagedProcess Start(FakePod pod, int port, int electionSeconds = 16, string? memoryLimit = null, string also = "")
    {
        // The last line wins: the address is the test's own.
        var conf = RedisConf.Render(TestClusters.Define(TestClusters.Even)) + $"bind 127.0.0.1\nport {port}\n" + also;
        File.WriteAllText(pod["config/redis.conf"], conf);
        pod.SetElectionSeconds(electionSeconds);
        return pod.Start("entry.sh", [("POD_NAME", "blog-a-0"), ("POD_NAMESPACE", "shop"), ("POD_SUBDOMAIN", "blog-nodes"), ("POD_IP", "127.0.0.1"), ("MEMORY_LIMIT", memoryLimit ?? "")]);
    }
}
