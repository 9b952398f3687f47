using System.Text.Json;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Observation;

namespace RedisTopology.Operator.Tests.Observation;

/// <summary>Pods as an API server shows them, against a spec of 1Gi, 100m and the image redis:7.2.</summary>
public sealed class PodFitTests
{
    private const string Wanted = """{"requests": {"memory": "1Gi", "cpu": "100m"}, "limits": {"memory": "1Gi"}}""";
    private const string Smaller = """{"requests": {"memory": "512Mi", "cpu": "100m"}, "limits": {"memory": "512Mi"}}""";

    [Theory]
    [InlineData("image redis:7.2", "redis:7.2", null)]
    [InlineData("image redis:7.2", "mirror.example/redis:7.2", null)]
    [InlineData(null, "redis:7.2", null)]
    [InlineData(null, "redis:7.0", "runs image redis:7.0, not redis:7.2")]
    [InlineData("image redis:7.0", "redis:7.0", "runs image redis:7.0, not redis:7.2")]
    [InlineData("image redis:7.0", "redis:7.2", "runs image redis:7.0, not redis:7.2")]
    [InlineData("image redis:7.2\nio-threads 4", "redis:7.2", "was started with io-threads 4, not as the engine has it")]
    [InlineData("", "redis:7.2", "runs image , not redis:7.2")]
    public void What_a_pod_was_made_with_decides(string? startedWith, string image, string? outdated) =>
        Assert.Equal(outdated, StartSettings.Outdated(startedWith, image, TestClusters.Define(TestClusters.Even)));

    [Fact]
    public void A_pod_made_from_the_manifest_is_not_outdated()
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var set = ClusterManifests.Build(definition, "{}").First(m => m.Kind == "StatefulSet").Document;
        var pod = Pod(Wanted, null);
        pod.Metadata.Annotations = set["spec"]!["template"]!["metadata"]!["annotations"].Deserialize<Dictionary<string, string>>();
        Assert.Null(PodFit.Outdated(pod, definition));

        // What is changed in place, or is for pods to come, or only mounted, replaces nothing.
        foreach (var (path, value) in new[] { ("size.memory", "\"2Gi\""), ("failover.nodeTimeout", "\"9s\""), ("scheduling.priorityClassName", "\"high\""), ("replicas", "3") })
            Assert.Null(PodFit.Outdated(pod, TestClusters.Define(TestClusters.With(TestClusters.Even, path, value))));
        Assert.NotNull(PodFit.Outdated(pod, TestClusters.Define(TestClusters.With(TestClusters.Even, "engine.version", "\"7.4\""))));
    }

    [Theory]
    [InlineData(Wanted, null, "", true, false, PodSize.Fits)]
    [InlineData(Wanted, Wanted, "", true, false, PodSize.Fits)]
    [InlineData("""{"requests": {"memory": "1024Mi", "cpu": "0.1"}, "limits": {"memory": "1073741824", "cpu": "4"}}""", null, "", true, false, PodSize.Fits)]
    [InlineData(Smaller, Smaller, "", true, false, PodSize.Differs)]
    [InlineData(Smaller, Smaller, "", true, true, PodSize.CannotResize)]
    [InlineData(Smaller, Smaller, "", false, false, PodSize.CannotResize)]
    [InlineData(Smaller, Smaller, "", null, false, PodSize.Resizing)]
    [InlineData("""{"limits": {"memory": "1Gi"}}""", null, "", true, false, PodSize.Differs)]
    [InlineData("""{"requests": {"memory": "1Gi", "cpu": "200m"}, "limits": {"memory": "1Gi"}}""", null, "", true, false, PodSize.Differs)]
    [InlineData(Wanted, Smaller, "", true, false, PodSize.Resizing)]
    [InlineData(Wanted, Wanted, "PodResizeInProgress", true, false, PodSize.Resizing)]
    [InlineData(Wanted, Smaller, "PodResizePending", true, false, PodSize.CannotResize)]
    [InlineData(Smaller, Smaller, "PodResizePending", true, false, PodSize.Differs)]
    public void A_size_is_what_was_asked_for_and_what_came_of_it(string asked, string? running, string condition, bool? served, bool refused, PodSize size)
    {
        var pod = Pod(asked, running);
        if (condition.Length > 0)
            pod.Status!.Conditions = [new() { Type = condition, Status = "True" }];
        Assert.Equal(size, PodFit.Size(pod, PodFit.Wanted(TestClusters.Define(TestClusters.Even)), served, refused));
    }

    [Theory]
    [InlineData(Wanted, Smaller, 1L << 29)]
    [InlineData(Wanted, null, 1L << 30)]
    [InlineData("{}", null, 0L)]
    public void Memory_is_what_the_container_runs_with(string asked, string? running, long memory) => Assert.Equal(memory, PodFit.Memory(Pod(asked, running)));

    private static PodView Pod(string asked, string? running) => JsonSerializer.Deserialize<PodView>(
        $$$"""
        {"metadata": {"name": "blog-cache-s0-0", "uid": "1"},
         "spec": {"containers": [{"name": "sidecar", "image": "other", "resources": {}}, {"name": "redis", "image": "redis:7.2", "resources": {{{asked}}}}]},
         "status": {"containerStatuses": [{"name": "redis", "state": {"running": {}}, "resources": {{{running ?? "null"}}}}]}}
        """,
        ApiJson.Options)!;
}
