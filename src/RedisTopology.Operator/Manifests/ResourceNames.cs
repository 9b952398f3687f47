using System.Globalization;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Manifests;

/// <summary>The only place that forms, or takes apart, the name of an object of a cluster.</summary>
/// <param name="cluster">The name of the CacheCluster.</param>
public sealed class ResourceNames(string cluster)
{
    /// <summary>The longest StatefulSet name whose pods can carry the <c>controller-revision-hash</c> label, characters.</summary>
    public const int MaxStatefulSetName = 52;

    /// <summary>The headless Service that gives every pod its hostname.</summary>
    public string NodesService => $"{cluster}-nodes";

    /// <summary>The Service of all ready nodes: the seeds a cluster client starts from.</summary>
    public string SeedsService => cluster;

    /// <summary>The Service of the masters.</summary>
    public string MastersService => $"{cluster}-masters";

    /// <summary>The Service of the replicas.</summary>
    public string ReplicasService => $"{cluster}-replicas";

    /// <summary>The ConfigMap of configuration and scripts.</summary>
    public string ConfigMap => $"{cluster}-config";

    /// <summary>The ConfigMap with the configuration of sidecars.</summary>
    public string SidecarConfigMap => $"{cluster}-sidecar";

    /// <summary>The Secret that is generated when the spec names none.</summary>
    public string AuthSecret => $"{cluster}-auth";

    /// <summary>The Secret that clients mount: a person's own, or the generated one.</summary>
    /// <param name="auth">What the spec says of it; null for nothing.</param>
    /// <returns>The name.</returns>
    public string ClientsSecret(AuthSpec? auth) => auth?.ExistingSecret is { Length: > 0 } own ? own : AuthSecret;

    /// <summary>The Secret that the pods mount: the passwords their servers accept.</summary>
    public string PasswordsSecret => $"{cluster}-passwords";

    /// <summary>The Secret with the certificate of the servers, which their pods mount.</summary>
    public string CertificateSecret => $"{cluster}-tls";

    /// <summary>The Certificate by which cert-manager is asked for one.</summary>
    public string Certificate => $"{cluster}-tls";

    /// <summary>The Secret that cert-manager writes.</summary>
    public string IssuedSecret => $"{cluster}-issued";

    /// <summary>The Secret with the cluster's own authority, which no pod mounts.</summary>
    public string AuthoritySecret => $"{cluster}-authority";

    /// <summary>The name that clients verify servers by, whichever address they connect to.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <returns>The name.</returns>
    public string ServerName(string @namespace) => $"{SeedsService}.{@namespace}.svc";

    /// <summary>The names a certificate of the servers is for. The cluster domain, which only a pod's own resolver knows, is in none of them.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <returns>Names, and the address of the pod itself.</returns>
    public IReadOnlyList<string> ServerNames(string @namespace) =>
    [
        ServerName(@namespace), $"{NodesService}.{@namespace}.svc", $"*.{NodesService}.{@namespace}.svc", $"{MastersService}.{@namespace}.svc", $"{ReplicasService}.{@namespace}.svc", "localhost", "127.0.0.1",
    ];

    /// <summary>The StatefulSet of a shard.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>The name.</returns>
    public string StatefulSet(string shard) => $"{cluster}-{shard}";

    /// <summary>The Service of a shard.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>The name.</returns>
    public string ShardService(string shard) => $"{cluster}-{shard}";

    /// <summary>The PodDisruptionBudget of a shard.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>The name.</returns>
    public string DisruptionBudget(string shard) => $"{cluster}-{shard}";

    /// <summary>A pod of a shard.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <param name="ordinal">The ordinal.</param>
    /// <returns>The name.</returns>
    public string Pod(string shard, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{cluster}-{shard}-{ordinal}");

    /// <summary>The claim of a pod's volume, as a StatefulSet names it.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <param name="ordinal">The ordinal.</param>
    /// <returns>The name.</returns>
    public string Claim(string shard, int ordinal) => $"{StatefulSetManifest.DataVolume}-{Pod(shard, ordinal)}";

    /// <summary>What a pod announces to its peers: its name in the cluster's DNS, and at the same time the proof of which cluster it belongs to.</summary>
    /// <param name="pod">The pod's name.</param>
    /// <param name="namespace">The namespace.</param>
    /// <returns>The hostname, without the cluster domain, which only the pod's own resolver knows.</returns>
    public string Hostname(string pod, string @namespace) => $"{pod}.{NodesService}.{@namespace}.svc";

    /// <summary>Takes apart the hostname a node announced.</summary>
    /// <param name="hostname">The hostname.</param>
    /// <param name="namespace">The namespace of the cluster.</param>
    /// <returns>The pod it is of; null when it belongs to another cluster or is no such name.</returns>
    public PodIdentity? PodOf(string? hostname, string @namespace)
    {
        var suffix = $".{NodesService}.{@namespace}.svc";
        var prefix = cluster + "-";
        if (hostname is null || !hostname.EndsWith(suffix, StringComparison.Ordinal) || !hostname.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        var pod = hostname[..^suffix.Length];
        var dash = pod.LastIndexOf('-');
        return dash > prefix.Length && int.TryParse(pod.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal)
            ? new PodIdentity(pod, pod[prefix.Length..dash], ordinal)
            : null;
    }
}
