using System.Diagnostics;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Commands;

/// <summary>What a person applies: config/default, and the samples.</summary>
public sealed class ConfigTests : IClassFixture<ConfigTests.Fixture>
{
    private readonly Fixture _fixture;

    public ConfigTests(Fixture fixture) => _fixture = fixture;

    public static TheoryData<string> Samples => [.. Directory.EnumerateFiles(Repository.Config("samples"), "*.yaml").Select(f => Path.GetFileName(f)).Where(f => f != "kustomization.yaml").Order()];

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_is_valid(string file)
    {
        var samples = Read(File.ReadAllText(Repository.Config("samples/" + file))).OfType<CacheCluster>().ToList();
        Assert.NotEmpty(samples);
        Assert.All(samples, s => Assert.Empty(SpecValidator.Validate(s, null).Errors));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_is_accepted_by_the_API_server_with_every_field_known(string file)
    {
        var plane = await _fixture.PlaneAsync();
        var yaml = await File.ReadAllTextAsync(Repository.Config("samples/" + file), TestContext.Current.CancellationToken);
        await plane.ApplyAsync(yaml, ct: TestContext.Current.CancellationToken);
        foreach (var sample in Read(yaml).OfType<CacheCluster>())
        {
            var stored = await plane.Client.CustomObjects.GetNamespacedCustomObjectAsync(CacheCluster.GroupName, "v1alpha1", "default", "cacheclusters", sample.Metadata.Name, TestContext.Current.CancellationToken);
            var spec = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(stored))!["spec"]!;
            // An unknown field would have been pruned; defaults may have come in.
            var written = Documents(yaml).Single(d => (string?)d["metadata"]!["name"] == sample.Metadata.Name && (string?)d["kind"] == "CacheCluster")["spec"]!;
            AssertContained(written, spec, "spec");
        }
    }

    [Fact]
    public async Task A_spec_the_schema_forbids_is_refused_by_the_API_server()
    {
        var plane = await _fixture.PlaneAsync();
        foreach (var spec in (string[])["{}", """{"size": {"memory": "1Gi"}}""", """{"size": {"memory": "1Gi"}, "sharding": {"count": 0}}""", """{"size": {"memory": "1Gi"}, "sharding": {"count": 3}, "replicas": 10}"""])
        {
            var document = $$"""{"apiVersion": "cache.redistopology.io/v1alpha1", "kind": "CacheCluster", "metadata": {"name": "bad"}, "spec": {{spec}} }""";
            await Assert.ThrowsAsync<HttpRequestException>(() => plane.ApplyAsync(document, ct: TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Kustomize_builds_everything_and_the_API_server_takes_it()
    {
        foreach (var folder in (string[])["crd", "rbac", "manager", "samples"])
            Assert.NotEmpty(Documents(await KustomizeAsync(folder)));
        var yaml = await KustomizeAsync("default");
        Assert.Equal(
            ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Deployment", "Namespace", "Role", "RoleBinding", "ServiceAccount"],
            Documents(yaml).Select(d => (string)d["kind"]!).Order(StringComparer.Ordinal));

        var plane = await _fixture.PlaneAsync();
        foreach (var document in Documents(yaml).Where(d => (string?)d["kind"] != "CustomResourceDefinition").OrderBy(d => (string?)d["kind"] == "Namespace" ? 0 : 1))
            await plane.ApplyAsync(document.ToJsonString(), ct: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_operators_pod_is_bound_to_its_account_and_confined()
    {
        var objects = KubernetesYaml.LoadAllFromString(File.ReadAllText(Repository.Config("manager/manager.yaml")) + "---\n" + File.ReadAllText(Repository.Config("rbac/service_account.yaml")));
        var deployment = objects.OfType<V1Deployment>().Single();
        var account = objects.OfType<V1ServiceAccount>().Single();
        var pod = deployment.Spec.Template.Spec;
        var container = pod.Containers.Single();

        Assert.Equal((account.Metadata.Name, account.Metadata.NamespaceProperty), (pod.ServiceAccountName, deployment.Metadata.NamespaceProperty));
        Assert.Equal(2, deployment.Spec.Replicas);
        Assert.Equal("redis-topology-operator:latest", container.Image);
        Assert.Equal(("/livez", "/readyz"), (container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path));
        Assert.Equal(8080, container.Ports.Single().ContainerPort);
        Assert.Equal("metadata.namespace", container.Env.Single(e => e.Name == "POD_NAMESPACE").ValueFrom.FieldRef.FieldPath);
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal(["100m", "128Mi"], container.Resources.Requests.OrderBy(r => r.Key).Select(r => r.Value.ToString()));
        Assert.Equal("512Mi", container.Resources.Limits["memory"].ToString());
        Assert.Empty(RunCommand.Create().Parse([.. container.Args.Skip(1)]).Errors);
        Assert.Equal("run", container.Args[0]);

        // The roles generated for it are bound to that very account.
        var bindings = KubernetesYaml.LoadAllFromString(File.ReadAllText(Repository.Config("rbac/role.yaml")));
        Assert.All(
            bindings.OfType<V1ClusterRoleBinding>().SelectMany(b => b.Subjects).Concat(bindings.OfType<V1RoleBinding>().SelectMany(b => b.Subjects)),
            s => Assert.Equal((account.Metadata.Name, account.Metadata.NamespaceProperty), (s.Name, s.NamespaceProperty)));
    }

    private static List<object> Read(string yaml) => KubernetesYaml.LoadAllFromString(
        yaml,
        new Dictionary<string, Type> { ["cache.redistopology.io/v1alpha1/CacheCluster"] = typeof(CacheCluster), ["v1/Secret"] = typeof(V1Secret) });

    private static List<JsonObject> Documents(string yaml)
    {
        using var reader = new StringReader(yaml);
        var stream = new YamlDotNet.RepresentationModel.YamlStream();
        stream.Load(reader);
        var serializer = new YamlDotNet.Serialization.SerializerBuilder().JsonCompatible().Build();
        var deserializer = new YamlDotNet.Serialization.DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        return [.. stream.Documents.Select(d =>
        {
            using var text = new StringWriter();
            new YamlDotNet.RepresentationModel.YamlStream(d).Save(text, false);
            return JsonNode.Parse(serializer.Serialize(deserializer.Deserialize<object>(text.ToString())))!.AsObject();
        })];
    }

    private static void AssertContained(JsonNode? expected, JsonNode? actual, string path)
    {
        switch (expected)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields)
                    AssertContained(value, actual?[name], $"{path}.{name}");
                break;
            case JsonArray items:
                Assert.Equal(items.Count, actual?.AsArray().Count);
                for (var i = 0; i < items.Count; i++)
                    AssertContained(items[i], actual![i], $"{path}[{i}]");
                break;
            default:
                Assert.True(expected?.ToString() == actual?.ToString(), $"{path}: {expected} was stored as {actual}");
                break;
        }
    }

    private static async Task<string> KustomizeAsync(string folder)
    {
        Prerequisites.Program("kubectl", "kubectl");
        using var process = Process.Start(new ProcessStartInfo("kubectl", ["kustomize", Repository.Config(folder)]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Prerequisites.Require(!(await error).Contains("unknown command", StringComparison.Ordinal), "needs a kubectl with kustomize (1.14 or newer).");
        Assert.True(process.ExitCode == 0, await error);
        return output;
    }

    /// <summary>A control plane with the CRD, started when the first test asks.</summary>
    public sealed class Fixture : IAsyncDisposable
    {
        private readonly Lazy<Task<ControlPlane>> _plane = new(StartAsync);

        public Task<ControlPlane> PlaneAsync() => _plane.Value;

        public async ValueTask DisposeAsync()
        {
            if (_plane.IsValueCreated)
                await (await _plane.Value).DisposeAsync();
        }

        private static async Task<ControlPlane> StartAsync()
        {
            var plane = await ControlPlane.StartAsync();
            await plane.ApplyCrdAsync(await File.ReadAllTextAsync(Repository.Config("crd/cacheclusters.yaml")));
            return plane;
        }
    }
}
