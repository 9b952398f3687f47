using System.Globalization;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Faults;

/// <summary>What is on a disk is not what it was when the server ended.</summary>
public sealed class DiskFaultTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Keys = 60;
    private const string Log = "/data/appendonlydir/*.incr.aof";

    /// <summary>The commands in the log are none any more: the server refuses to start on it.</summary>
    private const string Garble = $"sed -i 's/^\\*/x/' {Log}";

    /// <summary>A server without a node table claims the slots of its keys, and takes no writes for them, until it has been introduced.</summary>
    private static readonly TimeSpan Claims = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_master_that_lost_its_node_table_is_succeeded_and_joins_again()
    {
        await FormAsync(Spec(shards: 3, replicas: 1));
        await Cluster.WriteKeysAsync(Keys);
        var report = await UnderLoadAsync("nodes.conf of a master lost", async () =>
        {
            await LoseNodeTableAsync(Cluster.Pod("s0", 0), Cluster.Pod("s1", 0));
            await Cluster.UntilReadyAsync(90);
        }, doubleOwners: Claims);
        Assert.Equal((0, 0), (report.Late, report.Errors));
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(6);
    }

    /// <summary>Nobody else has its data: the log is taken up under the new identity.</summary>
    [Fact]
    public async Task A_master_without_replicas_keeps_its_data_when_its_node_table_is_lost()
    {
        await FormAsync(Spec(shards: 2, replicas: 0));
        await Cluster.WriteKeysAsync(Keys);
        await LoseNodeTableAsync(Cluster.Pod("s1", 0), Cluster.Pod("s0", 0));
        await Cluster.UntilReadyAsync(90);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(2);
        Assert.DoesNotContain(await Cluster.EventsAsync(), e => e.Reason == "DataLost");

        // And it is written to again.
        await Cluster.WriteKeysAsync(Keys);
    }

    /// <summary>
    /// It claims every slot of which it has a key. As long as nobody introduces it, it serves them, as far as it knows: whatever it acknowledged would be lost when it hears of the owner.
    /// </summary>
    [Fact]
    public async Task A_replica_that_lost_its_node_table_takes_no_writes_and_joins_again()
    {
        await FormAsync(Spec(shards: 3, replicas: 1));
        await Cluster.WriteKeysAsync(Keys);
        await StopOperatorAsync();
        var pod = Cluster.Pod("s0", 1);
        var key = await Cluster.RedisAsync(pod, "randomkey");
        await SpoilAsync(pod, "rm /data/nodes.conf");
        var answer = await Eventually.ThatAsync(
            () => TryAsync(pod, $"REDISCLI_AUTH=$(cat /auth/password) redis-cli set {key} lost"),
            text => text.StartsWith("OK", StringComparison.Ordinal) || text.StartsWith("NOREPLICAS", StringComparison.Ordinal),
            TimeSpan.FromSeconds(30));
        Assert.StartsWith("NOREPLICAS", answer, StringComparison.Ordinal);
        await StartOperatorAsync();
        await Eventually.ThatAsync(
            async () => (await Cluster.OnServersAsync())["cc-s0-1"].Role, role => role == "replica", TimeSpan.FromSeconds(60));
        await Cluster.UntilReadyAsync(90);
        Assert.Equal("cc-s0-0", (await Cluster.GetAsync())!.Status.Shards![0].Master);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(6);
    }

    /// <summary>The machine went while a command was being written.</summary>
    [Fact]
    public async Task A_log_without_its_end_costs_the_command_that_was_cut()
    {
        await FormAsync(Spec(shards: 1, replicas: 0));
        await Cluster.WriteKeysAsync(Keys);
        await SpoilAsync(Cluster.Pod("s0", 0), $"truncate -s -5 {Log}");
        await Cluster.UntilRestartedAsync("s0", 0);
        await Eventually.ThatAsync(
            () => TryAsync(Cluster.Pod("s0", 0), "REDISCLI_AUTH=$(cat /auth/password) redis-cli cluster info"), info => info.Contains("cluster_state:ok", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        Assert.Equal([string.Create(CultureInfo.InvariantCulture, $"key:{Keys - 1}")], await Cluster.MissingKeysAsync(Keys));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_server_that_cannot_read_its_log_copies_what_another_one_has(int ordinal)
    {
        await FormAsync(Spec(shards: 1, replicas: 1));
        await Cluster.WriteKeysAsync(Keys);
        await SpoilAsync(Cluster.Pod("s0", ordinal), Garble);
        await Cluster.UntilAsync(c => c.Status.Phase != "Ready");
        await Cluster.UntilReadyAsync(90);
        Assert.Equal("cc-s0-" + (1 - ordinal), (await Cluster.GetAsync())!.Status.Shards![0].Master);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(2);
    }

    /// <summary>The only copy is never thrown away: a person is told which file of which pod it is, and the other shards serve on.</summary>
    [Fact]
    public async Task The_only_copy_that_cannot_be_read_is_left_to_a_person()
    {
        await FormAsync(Spec(shards: 2, replicas: 0));
        await Cluster.WriteKeysAsync(Keys);
        var pod = Cluster.Pod("s1", 0);
        await Fixture.Kubelet.ExecAsync(pod, "redis", ["sh", "-c", $"cp {Log} /data/good"], Cancel);
        await SpoilAsync(pod, Garble);
        var cluster = await Cluster.UntilAsync(
            c => TestCluster.Condition(c, "Ready") is { Status: "False", Message: { } text } && text.Contains("cc-s1-0", StringComparison.Ordinal) && text.Contains("redis-check-aof", StringComparison.Ordinal), 60);
        Assert.Equal("Degraded", cluster.Status.Phase);
        Assert.Equal("8192/16384", cluster.Status.SlotsCovered);

        // The person's remedy; here there is a good copy. In one step: a server that starts just then must not find half of it.
        await Eventually.TrueAsync(async () => (await TryAsync(pod, $"cp /data/good /data/mended && mv /data/mended {Log} && echo done")).Length > 0, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(20));
        await Cluster.UntilReadyAsync(90);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task A_full_disk_is_told_of_and_served_from_again_when_there_is_room()
    {
        await FormAsync(Spec(shards: 2, replicas: 0).Replace("size: 1Gi", "size: 64Mi, storageClassName: sized", StringComparison.Ordinal));
        await Cluster.WriteKeysAsync(Keys);
        var pod = Cluster.Pod("s1", 0);
        await Fixture.Kubelet.ExecAsync(pod, "redis", ["sh", "-c", "cat /dev/zero > /data/filler"], Cancel);

        // A key of this shard, written until the server notices.
        await Eventually.ThatAsync(
            async () => (await Fixture.Kubelet.ExecAsync(pod, "redis", ["sh", "-c", "REDISCLI_AUTH=$(cat /auth/password) redis-cli eval \"return redis.call('set', KEYS[1], string.rep('x', 100000))\" 1 foo"], Cancel)).Stdout,
            answer => answer.Contains("MISCONF", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        var cluster = await Cluster.UntilAsync(c => TestCluster.Condition(c, "StorageReady") is { Status: "False", Reason: "CannotWrite" }, 30);
        var message = TestCluster.Condition(cluster, "StorageReady")!.Message;
        Assert.Contains("cc-s1-0", message, StringComparison.Ordinal);
        Assert.Contains("storage.size", message, StringComparison.Ordinal);
        Assert.DoesNotContain("cc-s0-0", message, StringComparison.Ordinal);

        await Fixture.Kubelet.ExecAsync(pod, "redis", ["rm", "/data/filler"], Cancel);
        await Cluster.UntilAsync(c => TestCluster.Is(c, "StorageReady"), 30);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await Cluster.WriteKeysAsync(Keys);
    }

    /// <summary>Takes a server's node table and itself away, and waits until another one has forgotten its old identity.</summary>
    private async Task LoseNodeTableAsync(string pod, string peer)
    {
        var old = await Cluster.RedisAsync(pod, "cluster", "myid");
        await SpoilAsync(pod, "rm /data/nodes.conf");
        await Eventually.ThatAsync(() => Cluster.RedisAsync(peer, "cluster", "nodes"), nodes => !nodes.Contains(old, StringComparison.Ordinal), TimeSpan.FromSeconds(60));
    }

    /// <summary>The output of a command in a container that may not run.</summary>
    private async Task<string> TryAsync(string pod, string script)
    {
        try
        {
            return (await Fixture.Kubelet.ExecAsync(pod, "redis", ["sh", "-c", script], Cancel)).Stdout;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>
    /// Does something to a server's files, and kills it. While the disk is slow with the last fsync, the end of the log waits in the server's memory, for up to two seconds (appendfsync everysec): a kill would
    /// cost more than the script does.
    /// </summary>
    private async Task SpoilAsync(string pod, string script)
    {
        await Eventually.ThatAsync(
            () => Cluster.RedisAsync(pod, "info", "persistence"),
            text => text.Contains("aof_buffer_length:0", StringComparison.Ordinal) && text.Contains("aof_pending_bio_fsync:0", StringComparison.Ordinal), TimeSpan.FromSeconds(30), ct: Cancel, expectation: "the log is written");
        var result = await Fixture.Kubelet.ExecAsync(pod, "redis", ["sh", "-c", script], Cancel);
        Assert.True(result.ExitCode == 0, result.Stderr);
        Fixture.Kubelet.Kill(pod);
    }

    private static string Spec(int shards, int replicas) => string.Create(
        CultureInfo.InvariantCulture,
        $"size: {{memory: 64Mi}}, replicas: {replicas}, sharding: {{count: {shards}}}, failover: {{nodeTimeout: 2s}}, persistence: {{mode: AOF, storage: {{size: 1Gi, reclaim: Delete}}}}");
}
