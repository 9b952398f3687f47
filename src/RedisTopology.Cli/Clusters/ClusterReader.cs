using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Clusters;

/// <summary>Reads CacheClusters and their pods.</summary>
internal static class ClusterReader
{
    /// <summary>The label that names the cluster of a pod.</summary>
    public const string ClusterLabel = CacheClusterResource.Group + "/cluster";

    /// <summary>The label that names its shard.</summary>
    public const string ShardLabel = CacheClusterResource.Group + "/shard";

    /// <summary>All of a namespace, or of all namespaces when that is null.</summary>
    /// <exception cref="CliException">The kind is not served.</exception>
    public static async Task<List<CacheClusterResource>> ListAsync(KubeSession session, string? @namespace, CancellationToken cancel)
    {
        try
        {
            var api = session.Client.CustomObjects;
            var list = (JsonElement)(@namespace is null
                ? await api.ListCustomObjectForAllNamespacesAsync(CacheClusterResource.Group, CacheClusterResource.Version, CacheClusterResource.Plural, cancellationToken: cancel)
                : await api.ListNamespacedCustomObjectAsync(CacheClusterResource.Group, CacheClusterResource.Version, @namespace, CacheClusterResource.Plural, cancellationToken: cancel));
            return [.. list.GetProperty("items").EnumerateArray().Select(CacheClusterResource.Parse)];
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            throw NotServed(session);
        }
    }

    /// <summary>One cluster: the one that is named, or the only one of the namespace.</summary>
    /// <exception cref="CliException">It is not there, or there are several and none is named.</exception>
    public static async Task<CacheClusterResource> GetAsync(KubeSession session, string? name, CancellationToken cancel)
    {
        // A list tells apart the three things a 404 can mean, and names what there is instead.
        var all = await ListAsync(session, session.Namespace, cancel);
        if (name is null && all.Count == 1)
            return all[0];
        var names = string.Join(", ", all.Select(c => c.Metadata.Name).Order(StringComparer.Ordinal));
        if (name is null)
        {
            throw all.Count == 0
                ? new CliException(ExitCodes.NotFound, $"There is no CacheCluster in namespace {session.Namespace}.", "Choose another namespace with -n; \"kubectl get cc -A\" lists all.")
                : new CliException(ExitCodes.Usage, $"Namespace {session.Namespace} has {all.Count} CacheClusters: {names}.", "Name the one that is meant.");
        }

        return all.Find(c => c.Metadata.Name == name) ?? throw new CliException(
            ExitCodes.NotFound,
            $"There is no CacheCluster {name} in namespace {session.Namespace}.",
            all.Count == 0 ? "Choose another namespace with -n; \"kubectl get cc -A\" lists all." : $"It has {names}.");
    }

    /// <summary>The pods of a cluster, in order of their names.</summary>
    public static async Task<List<V1Pod>> PodsAsync(KubeSession session, CacheClusterResource cluster, CancellationToken cancel)
    {
        var list = await session.Client.CoreV1.ListNamespacedPodAsync(cluster.Metadata.Namespace, labelSelector: $"{ClusterLabel}={cluster.Metadata.Name}", cancellationToken: cancel);
        return [.. list.Items.OrderBy(p => p.Name(), StringComparer.Ordinal)];
    }

    private static CliException NotServed(KubeSession session) => new(
        ExitCodes.NotFound, $"The API server at {session.Server} does not know CacheClusters.", "Install the operator, or choose another context with --context.");
}
