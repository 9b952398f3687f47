using System.Text.Json.Nodes;
using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Rendering;

/// <summary>The chart and the kustomize tree in config/ install the same operator with the same rights.</summary>
public sealed class SameAsConfigTests : RenderedTest
{
    [Fact]
    public async Task The_definition()
    {
        var chart = new Manifests(await RenderAsync(ChartFolder.Operator, "x")).Single("CustomResourceDefinition");
        var config = new Manifests(await File.ReadAllTextAsync(Repository.Config("crd/cacheclusters.yaml"), TestContext.Current.CancellationToken)).Single("CustomResourceDefinition");
        AssertSame(config["spec"], chart["spec"]);
        Assert.Equal(Manifests.Name(config), Manifests.Name(chart));
    }

    [Fact]
    public async Task The_rights()
    {
        var chart = new Manifests(await RenderAsync(ChartFolder.Operator, "x"));
        var config = new Manifests(await File.ReadAllTextAsync(Repository.Config("rbac/role.yaml"), TestContext.Current.CancellationToken));
        AssertSame(config.Single("ClusterRole")["rules"], chart.OfKind("ClusterRole").First(r => r["metadata"]!["labels"]!.AsObject().All(l => !l.Key.Contains("aggregate", StringComparison.Ordinal)))["rules"]);
        AssertSame(config.Single("Role")["rules"], chart.Single("Role")["rules"]);
    }

    [Fact]
    public async Task With_a_list_of_namespaces_the_rights_are_the_same_but_divided()
    {
        var chart = new Manifests(await RenderAsync(ChartFolder.Operator, "x", "1.33.0", "--set", "watchNamespaces={a,b}", "--set", "rbac.aggregate=false"));
        var config = new Manifests(await File.ReadAllTextAsync(Repository.Config("rbac/role.yaml"), TestContext.Current.CancellationToken));
        var ofCluster = Atoms(chart.Single("ClusterRole"));
        Assert.DoesNotContain(ofCluster, a => a.Contains("secrets", StringComparison.Ordinal) || a.Contains("cacheclusters", StringComparison.Ordinal));
        foreach (var space in (string[])["a", "b"])
        {
            var own = Atoms(chart.OfKind("Role").Single(r => (string?)r["metadata"]!["namespace"] == space));
            Assert.Empty(own.Intersect(ofCluster));
            Assert.Equal(Atoms(config.Single("ClusterRole")).Order(StringComparer.Ordinal), own.Concat(ofCluster).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task The_pod()
    {
        var chart = Pod(new Manifests(await RenderAsync(ChartFolder.Operator, "x")).Single("Deployment"));
        var config = Pod(new Manifests(await File.ReadAllTextAsync(Repository.Config("manager/manager.yaml"), TestContext.Current.CancellationToken)).Single("Deployment"));
        AssertSame(config["securityContext"], chart["securityContext"]);
        foreach (var field in (string[])["securityContext", "env", "ports", "livenessProbe", "readinessProbe", "resources"])
            AssertSame(config["containers"]![0]![field], chart["containers"]![0]![field]);
    }

    private static JsonNode Pod(JsonObject deployment) => deployment["spec"]!["template"]!["spec"]!;

    private static void AssertSame(JsonNode? expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(expected, actual), $"config: {expected?.ToJsonString()}\nchart:  {actual?.ToJsonString()}");

    // One text for each group, resource and verb.
    private static List<string> Atoms(JsonObject role) =>
    [
        .. from rule in role["rules"]!.AsArray()
           from grp in rule!["apiGroups"]!.AsArray()
           from resource in rule["resources"]!.AsArray()
           from verb in rule["verbs"]!.AsArray()
           select $"{grp}/{resource} {verb}",
    ];
}
