using System.Net;
using k8s;
using k8s.Autorest;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;

namespace RedisTopology.Cli.Doctor;

/// <summary>Gathers what the checks of a cluster go by. What may not be read is left out, and the check says so.</summary>
internal static class FactsReader
{
    public static async Task<ClusterFacts> ReadAsync(KubeSession session, CacheClusterResource cluster, TimeProvider time, CancellationToken cancel)
    {
        var pods = await ClusterReader.PodsAsync(session, cluster, cancel);
        var secret = await SecretAsync(session, cluster, cancel);
        return new ClusterFacts
        {
            Cluster = cluster,
            Pods = pods,
            Reports = await ServerReader.AskAsync(session, pods, time, cancel),
            Claims = await AllowedAsync(async () => (await session.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(
                cluster.Metadata.Namespace, labelSelector: $"{ClusterReader.ClusterLabel}={cluster.Metadata.Name}", cancellationToken: cancel)).Items.ToList()),
            Nodes = (await AllowedAsync(async () => (await session.Client.CoreV1.ListNodeAsync(cancellationToken: cancel)).Items))?.Count,
            SecretKeys = secret.Keys,
            SecretNote = secret.Note,
        };
    }

    /// <summary>The names of the keys; what is under them is not kept.</summary>
    private static async Task<(IReadOnlyCollection<string>? Keys, string? Note)> SecretAsync(KubeSession session, CacheClusterResource cluster, CancellationToken cancel)
    {
        var name = cluster.Spec.Auth?.ExistingSecret is { Length: > 0 } own ? own : $"{cluster.Metadata.Name}-auth";
        try
        {
            var secret = await session.Client.CoreV1.ReadNamespacedSecretAsync(name, cluster.Metadata.Namespace, cancellationToken: cancel);
            return ([.. secret.Data?.Keys ?? []], null);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return (null, null);
        }
        catch (HttpOperationException e)
        {
            return (null, ApiErrors.Reason(e));
        }
    }

    private static async Task<T?> AllowedAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (HttpOperationException)
        {
            return null;
        }
    }
}
