using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Operator.Webhooks;

namespace RedisTopology.Operator.Tests.Webhooks;

public sealed class SidecarInjectorTests
{
    private const string Image = "example/sidecar:1";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_pod_gets_the_sidecar_where_the_server_knows_it(bool native)
    {
        var pod = Apply(Pod(), native);
        var spec = pod.Spec;
        var sidecar = native ? spec.InitContainers[0] : spec.Containers[1];
        Assert.Equal("cache-sidecar", sidecar.Name);
        Assert.Equal(native ? "Always" : null, sidecar.RestartPolicy);
        Assert.Equal(Image, sidecar.Image);
        Assert.Equal("app", spec.Containers[0].Name);
        Assert.Equal("blog-sidecar", spec.Volumes.Single(v => v.Name == "cache-sidecar-config").ConfigMap.Name);
        Assert.Equal("blog-auth", spec.Volumes.Single(v => v.Name == "cache-sidecar-auth").Secret.SecretName);
        Assert.Equal($"injected {Image} for blog", pod.Metadata.Annotations["cache.redistopology.io/inject-status"]);
    }

    /// <summary>The file says where the operator's own examples mount it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sidecar_of_a_cluster_with_TLS_is_told_where_its_authorities_are(bool tls)
    {
        var patch = SidecarInjector.Inject(Pod("""{"spec": {"containers": []}}"""), "blog", "blog-auth", Image, tls, native: true).Patch.ToJsonString();
        Assert.Equal(tls, patch.Contains("--tls-ca-file=/cache-sidecar/config/ca.crt", StringComparison.Ordinal));
    }

    [Fact]
    public void It_goes_before_the_other_init_containers_and_leaves_what_is_there()
    {
        var pod = Apply(Pod("""
            {"metadata": {"annotations": {"mine": "stays"}},
             "spec": {"initContainers": [{"name": "migrate", "image": "x"}], "containers": [{"name": "app", "image": "x"}], "volumes": [{"name": "own", "emptyDir": {}}]}}
            """), native: true);
        Assert.Equal(["cache-sidecar", "migrate"], pod.Spec.InitContainers.Select(c => c.Name));
        Assert.Equal(["own", "cache-sidecar-config", "cache-sidecar-auth"], pod.Spec.Volumes.Select(v => v.Name));
        Assert.Equal("stays", pod.Metadata.Annotations["mine"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Called_again_it_changes_nothing(bool native)
    {
        var once = JsonNode.Parse(KubernetesJson.Serialize(Apply(Pod(), native)))!.AsObject();
        var again = SidecarInjector.Inject(once, "blog", "blog-auth", Image, false, native);
        Assert.Empty(again.Patch);
        Assert.Empty(again.Warnings);
    }

    [Theory]
    [InlineData(6379, "inject-port")]
    [InlineData(8379, "inject-admin-port")]
    public void A_port_that_is_taken_is_named_with_the_remedy(int port, string annotation)
    {
        var pod = Pod($$$"""{"spec": {"containers": [{"name": "redis", "image": "x", "ports": [{"containerPort": {{{port}}} }]}]}}""");
        var injection = SidecarInjector.Inject(pod, "blog", "blog-auth", Image, tls: false, native: true);
        var warning = Assert.Single(injection.Warnings);
        Assert.Contains($"port {port} is taken by container redis", warning, StringComparison.Ordinal);
        Assert.Contains(annotation, warning, StringComparison.Ordinal);
        Assert.True(warning.Length <= 256, "the API server cuts longer warnings");
        Assert.Equal("/metadata/annotations", Assert.Single(injection.Patch)!["path"]!.ToString());
    }

    [Fact]
    public void Ports_are_taken_from_annotations()
    {
        var sidecar = Apply(Pod("""{"metadata": {"annotations": {"cache.redistopology.io/inject-port": "7000", "cache.redistopology.io/inject-admin-port": "7001"}}, "spec": {"containers": [{"name": "app", "image": "x"}]}}"""), native: true).Spec.InitContainers[0];
        Assert.Contains("--listen=127.0.0.1:7000", sidecar.Args);
        Assert.Contains("--admin=*:7001", sidecar.Args);
        Assert.Equal(7001, sidecar.Ports[0].ContainerPort);
    }

    [Fact]
    public void A_port_that_is_none_is_told_and_the_usual_one_used()
    {
        var injection = SidecarInjector.Inject(Pod("""{"metadata": {"annotations": {"cache.redistopology.io/inject-port": "sixty"}}, "spec": {"containers": []}}"""), "blog", "blog-auth", Image, tls: false, native: true);
        Assert.Contains("sixty", Assert.Single(injection.Warnings), StringComparison.Ordinal);
        Assert.NotEmpty(injection.Patch);
    }

    [Fact]
    public void A_job_is_told_that_its_pod_never_completes_where_sidecars_are_ordinary_containers()
    {
        var pod = """{"metadata": {"ownerReferences": [{"kind": "Job", "name": "j"}]}, "spec": {"containers": []}}""";
        Assert.Contains("never completes", Assert.Single(SidecarInjector.Inject(Pod(pod), "blog", "blog-auth", Image, tls: false, native: false).Warnings), StringComparison.Ordinal);
        Assert.Empty(SidecarInjector.Inject(Pod(pod), "blog", "blog-auth", Image, tls: false, native: true).Warnings);
    }

    /// <summary>The chart cache-cluster's sidecar and this one are the same container, so that an app may go from one to the other.</summary>
    [Fact]
    public void It_is_the_container_of_the_chart()
    {
        var template = File.ReadAllText(Path.Combine(Repository.Root, "charts", "cache-cluster", "templates", "_sidecar.tpl"));
        var sidecar = Apply(Pod(), native: true).Spec.InitContainers[0];
        foreach (var part in sidecar.VolumeMounts.Select(m => m.MountPath).Concat(sidecar.VolumeMounts.Select(m => m.Name)).Concat([sidecar.Name, sidecar.Ports[0].Name, sidecar.Args[0], sidecar.Args[1]]))
            Assert.Contains(part, template, StringComparison.Ordinal);
    }

    private static JsonObject Pod(string json = """{"metadata": {"name": "p"}, "spec": {"containers": [{"name": "app", "image": "x"}]}}""") => JsonNode.Parse(json)!.AsObject();

    /// <summary>Applies the patch as the API server does: here only "add" occurs.</summary>
    private static V1Pod Apply(JsonObject pod, bool native)
    {
        foreach (var operation in SidecarInjector.Inject(pod, "blog", "blog-auth", Image, false, native).Patch)
        {
            Assert.Equal("add", operation!["op"]!.ToString());
            var path = operation["path"]!.ToString().Split('/').Skip(1).Select(p => p.Replace("~1", "/", StringComparison.Ordinal)).ToArray();
            JsonNode target = pod;
            foreach (var part in path[..^1])
                target = target[part] ?? throw new InvalidOperationException($"{operation["path"]}: there is no {part}");
            var value = operation["value"]!.DeepClone();
            if (target is JsonArray list)
                list.Insert(path[^1] == "-" ? list.Count : int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture), value);
            else
                target[path[^1]] = value;
        }

        return KubernetesJson.Deserialize<V1Pod>(pod.ToJsonString());
    }
}
