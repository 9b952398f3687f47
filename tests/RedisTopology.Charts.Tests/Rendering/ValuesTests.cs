using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Rendering;

/// <summary>A value that is wrong is refused with its name, before anything is sent.</summary>
public sealed class ValuesTests : RenderedTest
{
    [Theory]
    [InlineData("redis-topology-operator")]
    [InlineData("cache-cluster")]
    public async Task Lint_has_nothing_to_say(string chart)
    {
        var output = await (await HelmAsync()).RunAsync(["lint", "--strict", Path.Combine(Repository.Root, "charts", chart)], ct: TestContext.Current.CancellationToken);
        Assert.Contains("1 chart(s) linted, 0 chart(s) failed", output, StringComparison.Ordinal);
        Assert.DoesNotContain("[WARNING]", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis-topology-operator", "replicas=2", "replicas")]
    [InlineData("redis-topology-operator", "image.pullPolicy=Sometimes", "/image/pullPolicy")]
    [InlineData("redis-topology-operator", "watchNamespaces=blog", "/watchNamespaces")]
    [InlineData("redis-topology-operator", "metrics.serviceMonitor.interval=often", "/metrics/serviceMonitor/interval")]
    [InlineData("cache-cluster", "shard=3", "shard")]
    [InlineData("cache-cluster", "shards=0", "/shards")]
    [InlineData("cache-cluster", "memory=big", "/memory")]
    [InlineData("cache-cluster", "engine.type=Memcached", "/engine/type")]
    [InlineData("cache-cluster", "sidecar.native=Maybe", "/sidecar/native")]
    public async Task A_wrong_value_is_named(string chart, string value, string named)
    {
        var result = await (await HelmAsync()).TryAsync(["template", "x", Path.Combine(Repository.Root, "charts", chart), "--set", value], ct: TestContext.Current.CancellationToken);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_budget_is_of_the_version_that_is_served()
    {
        var old = new Manifests(await RenderAsync(ChartFolder.Operator, "x", "1.20.0", "--api-versions", "policy/v1beta1"));
        // helm template has its own idea of what is served beside the version; what counts is what is not in it.
        Assert.Contains((string)old.Single("PodDisruptionBudget")["apiVersion"]!, new[] { "policy/v1", "policy/v1beta1" });
        Assert.Empty(new Manifests(await RenderAsync(ChartFolder.Operator, "x", "1.33.0", "--set", "replicaCount=1")).OfKind("PodDisruptionBudget"));
    }

    [Fact]
    public async Task Whoever_switches_the_definition_off_gets_none_and_whoever_keeps_nothing_is_warned()
    {
        Assert.Empty(new Manifests(await RenderAsync(ChartFolder.Operator, "x", "1.33.0", "--set", "crds.install=false")).OfKind("CustomResourceDefinition"));
        var kept = new Manifests(await RenderAsync(ChartFolder.Operator, "x")).Single("CustomResourceDefinition");
        Assert.Equal("keep", (string?)kept["metadata"]!["annotations"]!["helm.sh/resource-policy"]);
        var notes = await (await HelmAsync()).RunAsync(["install", "x", ChartFolder.Operator, "--dry-run=client", "--set", "crds.keep=false"], ct: TestContext.Current.CancellationToken);
        Assert.Contains("WARNING: crds.keep is off", notes, StringComparison.Ordinal);
    }

    /// <summary>Nothing in the definition that a server of the version refuses: rules are from 1.25, their function <c>format</c> from 1.30 on.</summary>
    [Theory]
    [InlineData("1.24.0", false, false)]
    [InlineData("1.29.0", true, false)]
    [InlineData("1.30.0", true, true)]
    public async Task The_rules_of_the_definition_are_those_the_server_knows(string kubeVersion, bool rules, bool format)
    {
        var rendered = await RenderAsync(ChartFolder.Operator, "x", kubeVersion);
        Assert.Equal(rules, rendered.Contains("x-kubernetes-validations", StringComparison.Ordinal));
        Assert.Equal(rules, string.Join(" ", rendered.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Contains("must be made of whole tablets", StringComparison.Ordinal));
        Assert.Equal(format, rendered.Contains(".format(", StringComparison.Ordinal));
    }
}
