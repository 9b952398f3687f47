using System.Text.Json;
using k8s;
using k8s.Models;
using RedisTopology.Cli.Hosting;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;
using Spectre.Console;

namespace RedisTopology.Integration.Tests;

/// <summary>The plugin against a real API server and real servers, which it reaches through <c>pods/exec</c>.</summary>
public sealed class CliTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    [Fact]
    public async Task It_shows_a_cluster_finds_keys_and_examines_it()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}");
        await Cluster.UntilReadyAsync(120);
        await Cluster.WriteKeysAsync(10);

        var status = await RunAsync(0, "status");
        foreach (var text in new[] { "cc in " + Cluster.Namespace, "16384/16384 slots", "6/6 pods", "10 keys", "0-5460 (5461)", "cc-s0-0", "Serving" })
            Assert.Contains(text, status, StringComparison.Ordinal);
        Assert.DoesNotContain("note:", status, StringComparison.Ordinal);
        var json = JsonDocument.Parse(await RunAsync(0, "status", "cc", "-o", "json")).RootElement;
        Assert.Equal("servers", json.GetProperty("source").GetString());
        Assert.Equal(6, json.GetProperty("shards").EnumerateArray().Sum(s => s.GetProperty("servers").GetArrayLength()));

        var place = JsonDocument.Parse(await RunAsync(0, "where", "key:3", "-o", "json")).RootElement;
        Assert.Equal(await Cluster.RedisAsync(Cluster.Pod("s0", 0), "cluster", "keyslot", "key:3"), place.GetProperty("slot").GetRawText());
        Assert.Equal("string", place.GetProperty("value").GetProperty("type").GetString());
        Assert.Equal(await Cluster.MasterAsync(place.GetProperty("shard").GetString()!), $"{Cluster.Namespace}/{place.GetProperty("master").GetProperty("pod").GetString()}");
        Assert.Contains("nothing", await RunAsync(0, "where", "not-there"), StringComparison.Ordinal);

        Assert.Contains("all 6 answer", await RunAsync(0, "doctor"), StringComparison.Ordinal);
        Assert.Contains("cc-s2-1", await RunAsync(0, "top", "--once"), StringComparison.Ordinal);

        // The operator is asked for a switchover, and does it; afterwards nothing is left of the order.
        var former = await Cluster.MasterAsync("s1");
        Assert.Contains("Shard s1: ", await RunAsync(0, "failover", "s1", "--yes"), StringComparison.Ordinal);
        Assert.NotEqual(former, await Cluster.MasterAsync("s1"));
        Assert.False((await Cluster.GetAsync())!.Metadata.Annotations?.ContainsKey("cache.redistopology.io/switchover") == true);
        Assert.Empty(await Cluster.MissingKeysAsync(10));

        // What the preview says is what the operator then moves.
        var plan = JsonDocument.Parse(await RunAsync(0, "reshard", "--count", "4", "-o", "json")).RootElement;
        Assert.Equal(4096, plan.GetProperty("slots").GetInt32());
        var patch = JsonDocument.Parse(plan.GetProperty("patch").GetString()!).RootElement;
        Assert.Equal(4, patch.GetProperty("spec").GetProperty("sharding").GetProperty("count").GetInt32());
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 4}");
        await Cluster.UntilReadyAsync(120);
        var planned = plan.GetProperty("moves").EnumerateArray().Select(m => m.GetProperty("slots").GetInt32()).Sum();
        Assert.Equal(planned, (await Cluster.GetAsync())!.Status.Shards!.Single(s => s.Name == "s3").Slots);
    }

    [Fact]
    public async Task Without_the_right_to_ask_servers_it_shows_the_status_and_says_so()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();
        var reader = await Fixture.Plane.CreateUserAsync("cli-reader", []);
        await Cluster.Client.RbacAuthorizationV1.CreateNamespacedRoleAsync(
            new V1Role
            {
                Metadata = new V1ObjectMeta { Name = "cli-reader" },
                Rules =
                [
                    new V1PolicyRule { ApiGroups = ["cache.redistopology.io"], Resources = ["cacheclusters"], Verbs = ["get", "list"] },
                    new V1PolicyRule { ApiGroups = [""], Resources = ["pods"], Verbs = ["get", "list"] },
                ],
            },
            Cluster.Namespace,
            cancellationToken: Cancel);
        await Cluster.Client.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(
            new V1RoleBinding
            {
                Metadata = new V1ObjectMeta { Name = "cli-reader" },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = "cli-reader" },
                Subjects = [new Rbacv1Subject { ApiGroup = "rbac.authorization.k8s.io", Kind = "User", Name = "cli-reader" }],
            },
            Cluster.Namespace,
            cancellationToken: Cancel);
        using var directory = TestDirectory.Create("cli");
        var kubeconfig = directory["kubeconfig"];
        await File.WriteAllTextAsync(kubeconfig, $"""
            apiVersion: v1
            kind: Config
            current-context: here
            clusters:
            - name: here
              cluster:
                server: {reader.Host}
                insecure-skip-tls-verify: true
            users:
            - name: reader
              user:
                client-certificate-data: {reader.ClientCertificateData}
                client-key-data: {reader.ClientCertificateKeyData}
            contexts:
            - name: here
              context:
                cluster: here
                user: reader
            """, Cancel);
        var text = await RunAsync(0, "status", "--kubeconfig", kubeconfig);
        Assert.Contains("note: the servers could not be asked: ", text, StringComparison.Ordinal);
        Assert.Contains("0-16383 (16384)", text, StringComparison.Ordinal);
    }

    private async Task<string> RunAsync(int exitCode, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
        string[] where = args.Contains("--kubeconfig") ? ["-n", Cluster.Namespace] : ["-n", Cluster.Namespace, "--kubeconfig", Fixture.Plane.KubeconfigPath];
        var code = await CliProgram.RunAsync([.. args, .. where], new CliContext(console, output, error, TextReader.Null, TimeProvider.System), Cancel);
        Assert.True(code == exitCode, $"{string.Join(' ', args)} ended with {code}: {error}{output}");
        return output.ToString();
    }
}
