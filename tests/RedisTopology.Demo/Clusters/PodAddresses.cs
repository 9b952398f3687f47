using k8s;

namespace RedisTopology.Demo.Clusters;

/// <summary>Where the servers of a cluster are.</summary>
internal static class PodAddresses
{
    /// <summary>The addresses of its pods that run, in the order of their names.</summary>
    public static async Task<List<string>> OfAsync(IKubernetes client, string @namespace, string cluster, CancellationToken cancel)
    {
        var pods = await client.CoreV1.ListNamespacedPodAsync(@namespace, labelSelector: $"cache.redistopology.io/cluster={cluster}", cancellationToken: cancel);
        return [.. pods.Items.Where(p => p.Status?.Phase == "Running" && p.Status.PodIP is { Length: > 0 }).OrderBy(p => p.Metadata.Name, StringComparer.Ordinal).Select(p => p.Status.PodIP)];
    }
}
