using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using RedisTopology.Kubernetes;
using RedisTopology.Operator.Entities;
using RedisTopology.Testing;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Bench.Harness;

/// <summary>A CacheCluster of a benchmark.</summary>
internal sealed class BenchCluster(IKubernetes client, string @namespace, string name, ClusterShape shape)
{
    private const string Plural = "cacheclusters";

    public string Namespace => @namespace;

    public string Name => name;

    public ClusterShape Shape => shape;

    public static async Task CreateNamespaceAsync(ControlPlane plane, string name, CancellationToken cancel) =>
        await plane.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}", ct: cancel);

    /// <param name="cancel">Ends the request.</param>
    /// <param name="nodeTimeout">The spec's <c>failover.nodeTimeout</c>; null for its default.</param>
    public Task CreateAsync(CancellationToken cancel, string? nodeTimeout = null)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = CacheCluster.GroupName + "/v1alpha1",
            ["kind"] = "CacheCluster",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["size"] = new JsonObject { ["memory"] = "64Mi" },
                ["replicas"] = shape.Replicas,
                ["sharding"] = new JsonObject { ["count"] = shape.Shards },
            },
        };
        if (nodeTimeout is not null)
            body["spec"]!["failover"] = new JsonObject { ["nodeTimeout"] = nodeTimeout };
        return client.CustomObjects.CreateNamespacedCustomObjectAsync(body, CacheCluster.GroupName, "v1alpha1", @namespace, Plural, cancellationToken: cancel);
    }

    public Task DeleteAsync(CancellationToken cancel) =>
        client.CustomObjects.DeleteNamespacedCustomObjectAsync(CacheCluster.GroupName, "v1alpha1", @namespace, Plural, name, propagationPolicy: "Background", cancellationToken: cancel);

    public async Task<CacheClusterStatus> StatusAsync(CancellationToken cancel)
    {
        var json = (JsonElement)await client.CustomObjects.GetNamespacedCustomObjectAsync(CacheCluster.GroupName, "v1alpha1", @namespace, Plural, name, cancel);
        return json.Deserialize<CacheCluster>(ApiJson.Options)!.Status;
    }

    /// <summary>Waits for a status.</summary>
    public Task<CacheClusterStatus> UntilAsync(Func<CacheClusterStatus, bool> condition, CancellationToken cancel) =>
        Eventually.ThatAsync(() => StatusAsync(cancel), condition, TimeSpan.FromSeconds(120), ct: cancel);

    /// <summary>Where its servers listen.</summary>
    public IReadOnlyCollection<string> Endpoints(ProcessKubelet kubelet) => [.. kubelet.Pods.Where(p => p.Namespace == @namespace && p.Address is not null).Select(p => p.Address + ":6379")];

    public async Task<string> PasswordAsync(CancellationToken cancel) =>
        System.Text.Encoding.UTF8.GetString((await client.CoreV1.ReadNamespacedSecretAsync($"{name}-auth", @namespace, cancellationToken: cancel)).Data["password"]);

    /// <summary>Ready, and nothing left to do.</summary>
    public static bool IsReady(CacheClusterStatus status) =>
        status.Phase == "Ready" && Is(status, "Ready", "True") && Is(status, "Progressing", "False");

    private static bool Is(CacheClusterStatus status, string condition, string value) => status.Conditions?.FirstOrDefault(c => c.Type == condition)?.Status == value;
}
