using System.Text.Json;
using k8s;
using k8s.Models;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Push;
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

        // The way "push --pod" takes to a port of a pod.
        using (var session = KubeSession.Open(CliProgram.Root(Context(TextWriter.Null, TextWriter.Null)).Parse(["push", "-", .. Where()])))
        {
            await using var tunnel = await PodTunnel.OpenAsync(session, "cc-s0-0", 6379, Cancel);
            await tunnel.WriteAsync("PING\r\n"u8.ToArray(), Cancel);
            var answer = new byte[7];
            await tunnel.ReadExactlyAsync(answer, Cancel);
            Assert.Equal("-NOAUTH", System.Text.Encoding.ASCII.GetString(answer));
            await using var closed = await PodTunnel.OpenAsync(session, "cc-s0-0", 1, Cancel);
            await Assert.ThrowsAsync<IOException>(async () => await closed.ReadExactlyAsync(answer, Cancel));
        }

        using var entries = TestDirectory.Create("cli");
        await File.WriteAllTextAsync(entries["one"], """{"key":"k","value":"v"}""", Cancel);
        Assert.Contains("pods \"cc-none\" not found", await RunAsync(ExitCodes.NotFound, "push", entries["one"], "--pod", "cc-none"), StringComparison.Ordinal);

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

    [Fact]
    public async Task The_doctor_names_what_the_operator_may_not_do()
    {
        var deployment = await Cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new V1ObjectMeta { Name = "op", Labels = new Dictionary<string, string> { ["app.kubernetes.io/name"] = "redis-topology-operator" } },
                Spec = new V1DeploymentSpec
                {
                    Replicas = 0,
                    Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "op" } },
                    Template = new V1PodTemplateSpec
                    {
                        Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = "op" } },
                        Spec = new V1PodSpec { ServiceAccountName = "op", Containers = [new V1Container { Name = "op", Image = "op" }] },
                    },
                },
            },
            Cluster.Namespace,
            cancellationToken: Cancel);
        try
        {
            var account = $"system:serviceaccount:{Cluster.Namespace}:op";
            Assert.Contains($"{account} may do nothing in {Cluster.Namespace}", await RunAsync(ExitCodes.Problem, "doctor"), StringComparison.Ordinal);

            // All it needs in the namespace, but for two rights. What needs a ClusterRole is missing too: a Role does not give it.
            var (rules, election) = await RulesAsync();
            rules.Single(r => r.Resources.Contains("pods/resize")).Verbs = ["get"];
            rules.Single(r => r.Resources.Contains("secrets")).Verbs = ["get"];
            await GrantAsync("op", [.. rules, .. election]);
            var said = await RunAsync(ExitCodes.Problem, "doctor", "-o", "json");
            var finding = JsonDocument.Parse(said).RootElement.GetProperty("findings").EnumerateArray().Single(f => f.GetProperty("check").GetString() == "operator's rights" && f.GetProperty("message").GetString()!.Contains(account, StringComparison.Ordinal));
            Assert.Equal("failed", finding.GetProperty("outcome").GetString());
            Assert.Equal(
                $"{account} may not: get, list, watch nodes; patch pods/resize in {Cluster.Namespace}; create, update secrets in {Cluster.Namespace}; get storageclasses",
                finding.GetProperty("message").GetString());
            Assert.Contains("rbac.create=true", finding.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            await Cluster.Client.AppsV1.DeleteNamespacedDeploymentAsync(deployment.Name(), Cluster.Namespace, cancellationToken: CancellationToken.None);
        }
    }

    private static async Task<(IList<V1PolicyRule> Cluster, IList<V1PolicyRule> Election)> RulesAsync()
    {
        var documents = await KubernetesYaml.LoadAllFromFileAsync(Path.Combine(Repository.Root, "config", "rbac", "role.yaml"));
        return (documents.OfType<V1ClusterRole>().Single().Rules, documents.OfType<V1Role>().Single().Rules);
    }

    private async Task GrantAsync(string account, IList<V1PolicyRule> rules)
    {
        var api = Cluster.Client.RbacAuthorizationV1;
        await api.CreateNamespacedRoleAsync(new V1Role { Metadata = new V1ObjectMeta { Name = account }, Rules = rules }, Cluster.Namespace, cancellationToken: Cancel);
        await api.CreateNamespacedRoleBindingAsync(
            new V1RoleBinding
            {
                Metadata = new V1ObjectMeta { Name = account },
                RoleRef = new V1RoleRef { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = account },
                Subjects = [new Rbacv1Subject { Kind = "ServiceAccount", Name = account, NamespaceProperty = Cluster.Namespace }],
            },
            Cluster.Namespace,
            cancellationToken: Cancel);
    }

    private string[] Where() => ["-n", Cluster.Namespace, "--kubeconfig", Fixture.Plane.KubeconfigPath];

    private static CliContext Context(TextWriter output, TextWriter error)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
        return new CliContext(console, output, error, TextReader.Null, TimeProvider.System);
    }

    private async Task<string> RunAsync(int exitCode, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        var code = await CliProgram.RunAsync([.. args, .. args.Contains("--kubeconfig") ? ["-n", Cluster.Namespace] : Where()], Context(output, error), Cancel);
        Assert.True(code == exitCode, $"{string.Join(' ', args)} ended with {code}: {error}{output}");
        return output.ToString() + error;
    }
}
