using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests.Rendering;

/// <summary>Every manifest of the charts, as files to look at: <c>UPDATE_GOLDEN=1</c> writes them.</summary>
public sealed class GoldenTests : RenderedTest
{
    private const string Everything = """
        image: {repository: registry.example/operator, digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", pullPolicy: Always}
        imagePullSecrets: [{name: pull}]
        fullnameOverride: cache-operator
        replicaCount: 3
        watchNamespaces: [blog, shop]
        serviceAccount: {annotations: {example/owner: platform}}
        extraArgs: [--http-address=::]
        extraEnv: [{name: EXTRA, value: "1"}]
        extraVolumes: [{name: extra, emptyDir: {}}]
        extraVolumeMounts: [{name: extra, mountPath: /extra}]
        podAnnotations: {example/note: text}
        podLabels: {example/label: text}
        nodeSelector: {disk: ssd}
        tolerations: [{key: infra, operator: Exists}]
        affinity: {nodeAffinity: {}}
        priorityClassName: system-cluster-critical
        networkPolicy: {enabled: true, metricsFrom: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]}
        metrics: {serviceMonitor: {enabled: true, labels: {release: prometheus}}, sidecarPodMonitor: {enabled: true}}
        """;

    [Fact]
    public async Task The_operator_by_default() =>
        Golden.Verify(WithoutDefinition(await RenderAsync(ChartFolder.Operator, "redis-topology-operator")), "operator-default.yaml");

    [Fact]
    public async Task The_operator_that_injects_sidecars() => Golden.Verify(
        WithoutDefinition(await RenderAsync(ChartFolder.Operator, "redis-topology-operator", "1.33.0", "--set", "injection.enabled=true")), "operator-injection.yaml");

    [Fact]
    public async Task The_operator_with_every_value_set()
    {
        await File.WriteAllTextAsync(Scratch["values.yaml"], Everything, TestContext.Current.CancellationToken);
        Golden.Verify(WithoutDefinition(await RenderAsync(ChartFolder.Operator, "cache", "1.33.0", "--values", Scratch["values.yaml"])), "operator-everything.yaml");
    }

    [Fact]
    public async Task A_cluster_by_default() => Golden.Verify(await RenderAsync(ChartFolder.Cluster, "blog"), "cluster-default.yaml");

    [Fact]
    public async Task A_cluster_with_every_value_set() => Golden.Verify(
        await RenderAsync(
            ChartFolder.Cluster, "blog", "1.33.0", "--set", "name=main,keep=true,engine.type=Valkey,memory=1Gi,tls.enabled=true,tls.secretName=own-tls,cpu=500m,replicas=0,persistence.mode=AOF,persistence.size=5Gi,persistence.storageClassName=fast",
            "--set-string", "engine.version=8.0,config.maxclients=20000", "--set", "auth.existingSecret=own", "--set-json", """shards=[{"name":"a","ranges":["0-8191"],"replicas":2},{"name":"b","ranges":["8192-16383"]}]""",
            "--set", "spec.failover.durability=Available,spec.size.maxMemoryPercent=60"),
        "cluster-everything.yaml");

    [Theory]
    [InlineData("1.28.9", "ordinary")]
    [InlineData("1.33.0", "native")]
    public async Task An_app_with_the_sidecar(string kubeVersion, string kind) =>
        Golden.Verify(await RenderAsync(ChartFolder.Shop(Scratch), "shop", kubeVersion, "--set", "cache-cluster.sidecar.gateReadiness=true"), $"app-{kind}.yaml");

    /// <summary>Set by a value of its own, or below spec.</summary>
    [Theory]
    [InlineData("tls.enabled=true", true)]
    [InlineData("spec.tls.enabled=true", true)]
    [InlineData("tls.enabled=false", false)]
    public async Task The_sidecar_of_a_cluster_with_TLS_is_told_where_its_authorities_are(string value, bool tls)
    {
        var rendered = new Manifests(await RenderAsync(ChartFolder.Shop(Scratch), "shop", "1.33.0", "--set", $"cache-cluster.{value}"));
        Assert.Equal(tls, rendered.Single("Deployment").ToJsonString().Contains("--tls-ca-file=/cache-sidecar/config/ca.crt", StringComparison.Ordinal));
        Assert.Equal(tls, rendered.Single("CacheCluster")["spec"]!["tls"]?["enabled"]?.GetValue<bool>() ?? false);
    }

    [Fact]
    public async Task An_app_beside_a_cluster_of_somebody_else()
    {
        var shop = ChartFolder.Shop(Scratch);
        var template = Path.Combine(shop, "templates", "deployment.yaml");
        await File.WriteAllTextAsync(
            template, (await File.ReadAllTextAsync(template, TestContext.Current.CancellationToken)).Replace("\"root\" .", "\"root\" . \"cluster\" \"common\"", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var rendered = new Manifests(await RenderAsync(shop, "shop", "1.33.0", "--set", "cache-cluster.enabled=false"));
        Assert.Empty(rendered.OfKind("CacheCluster"));
        var volumes = rendered.Single("Deployment")["spec"]!["template"]!["spec"]!["volumes"]!.ToJsonString();
        Assert.Contains("\"common-sidecar\"", volumes, StringComparison.Ordinal);
        Assert.Contains("\"common-auth\"", volumes, StringComparison.Ordinal);
    }

    // The CustomResourceDefinition has a golden file already: the one in config/, see SameAsConfigTests.
    private static string WithoutDefinition(string yaml) => string.Join(
        "---\n", yaml.Split("---\n").Where(d => d.Trim().Length > 0 && !d.Contains("\nkind: CustomResourceDefinition\n", StringComparison.Ordinal)));
}
