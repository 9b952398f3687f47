using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Rendering;

/// <summary>The kustomize tree in config/, for whoever does without helm.</summary>
public sealed class KustomizeTests : RenderedTest
{
    [Fact]
    public async Task The_default_has_all_that_is_needed()
    {
        var kubectl = await HelmTools.KubectlAsync(Scratch.FullPath);
        var rendered = new Manifests(await kubectl.RunAsync(["kustomize", Repository.Config("default")], ct: TestContext.Current.CancellationToken));
        Assert.Equal(
            ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "Deployment", "Namespace", "Role", "RoleBinding", "ServiceAccount"],
            rendered.All.Select(d => (string)d["kind"]!).Order(StringComparer.Ordinal));
        var space = Manifests.Name(rendered.Single("Namespace"));
        Assert.All(rendered.All.Where(d => d["metadata"]!["namespace"] is not null), d => Assert.Equal(space, (string)d["metadata"]!["namespace"]!));
        Assert.Equal(Manifests.Name(rendered.Single("ServiceAccount")), (string?)rendered.Single("Deployment")["spec"]!["template"]!["spec"]!["serviceAccountName"]);
    }

    [Fact]
    public async Task Injection_is_the_default_and_the_webhook_of_the_chart()
    {
        var kubectl = await HelmTools.KubectlAsync(Scratch.FullPath);
        var rendered = new Manifests(await kubectl.RunAsync(["kustomize", Repository.Config("injection")], ct: TestContext.Current.CancellationToken));
        var chart = new Manifests(await RenderAsync(ChartFolder.Operator, "redis-topology-operator", "1.33.0", "--set", "injection.enabled=true"));
        Assert.Contains("--inject-sidecars", rendered.Single("Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!["args"]!.ToJsonString(), StringComparison.Ordinal);
        // The same scope and the same failure policy: what differs is names.
        foreach (var field in new[] { "failurePolicy", "objectSelector", "rules", "sideEffects", "reinvocationPolicy", "admissionReviewVersions", "timeoutSeconds" })
            Assert.Equal(Webhook(chart)[field]!.ToJsonString(), Webhook(rendered)[field]!.ToJsonString());
        Assert.Equal("Ignore", (string?)Webhook(rendered)["failurePolicy"]);
    }

    private static System.Text.Json.Nodes.JsonNode Webhook(Manifests manifests) => manifests.Single("MutatingWebhookConfiguration")["webhooks"]![0]!;

    [Fact]
    public async Task The_samples_are_CacheClusters()
    {
        var kubectl = await HelmTools.KubectlAsync(Scratch.FullPath);
        var rendered = new Manifests(await kubectl.RunAsync(["kustomize", Repository.Config("samples")], ct: TestContext.Current.CancellationToken));
        Assert.NotEmpty(rendered.OfKind("CacheCluster"));
        // And what they refer to.
        Assert.All(rendered.All, d => Assert.Contains((string)d["kind"]!, new[] { "CacheCluster", "Secret" }));
    }
}
