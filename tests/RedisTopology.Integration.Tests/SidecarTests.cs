using k8s;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>The sidecar as an app would have it: with the configuration and the password that the operator wrote.</summary>
public sealed class SidecarTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    [Fact]
    public async Task It_serves_with_the_configuration_the_operator_wrote()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}");
        await Cluster.UntilReadyAsync(120);
        var written = await FileAsync();
        Assert.StartsWith($"seeds: [cc-nodes.{Cluster.Namespace}.svc:6379]\npasswordFile: /auth/password\n", written, StringComparison.Ordinal);

        // What differs here: there is no DNS for the Service, nothing is mounted, and this machine has one loopback for all.
        using var directory = TestDirectory.Create("sidecar-auth");
        await File.WriteAllTextAsync(directory["password"], await Cluster.PasswordAsync(), TestContext.Current.CancellationToken);
        var lines = written.Replace("/auth/password", directory["password"], StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("seeds:", StringComparison.Ordinal));
        await using var sidecar = await SidecarProcess.StartAsync(string.Join(',', Cluster.Endpoints), [.. lines], ct: TestContext.Current.CancellationToken);
        using var client = sidecar.Connect();
        for (var i = 0; i < 100; i++)
            Assert.Equal("+OK\r\n", client.Call("SET", $"key-{i}", $"value-{i}"));
        for (var i = 0; i < 100; i++)
            Assert.Equal($"${$"value-{i}".Length}\r\nvalue-{i}\r\n", client.Call("GET", $"key-{i}"));
        Assert.Equal(":100\r\n", client.Call("DBSIZE"));

        // A master that dies without notice: commands for it wait for as long as an election takes. The one that was under way then may have been carried out, and is not sent twice.
        Fixture.Kubelet.Kill(await Cluster.MasterAsync("s0"));
        var replies = Enumerable.Range(0, 100).Select(i => client.Call("SET", $"key-{i}", "after")).ToArray();
        Assert.True(replies.Count(r => r.StartsWith("-ERR connection lost", StringComparison.Ordinal)) <= 1);
        Assert.All(replies, r => Assert.True(r == "+OK\r\n" || r.StartsWith("-ERR connection lost", StringComparison.Ordinal), r));
    }

    [Fact]
    public async Task Its_section_of_the_spec_is_what_the_file_says()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();
        Assert.EndsWith("readFrom: Replica\nconsistency: Session\nfailoverBuffer: 10s\n", await FileAsync(), StringComparison.Ordinal);
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}, sidecar: {readFrom: Any, consistency: Eventual, transactions: PerSlot, failoverBuffer: 500ms}");
        await Eventually.ThatAsync(FileAsync, text => text.EndsWith("readFrom: Any\nconsistency: Eventual\nfailoverBuffer: 500ms\ntransactions: PerSlot\n", StringComparison.Ordinal), TimeSpan.FromSeconds(60), ct: TestContext.Current.CancellationToken);
    }

    private async Task<string> FileAsync() => (await Cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("cc-sidecar", Cluster.Namespace, cancellationToken: TestContext.Current.CancellationToken)).Data["sidecar.yaml"];
}
