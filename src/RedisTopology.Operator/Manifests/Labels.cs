using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Manifests;

/// <summary>Labels and annotations of the objects of a cluster.</summary>
public static class Labels
{
    /// <summary>The value of <c>app.kubernetes.io/managed-by</c>, also the operator's name and field manager.</summary>
    public const string Manager = "redis-topology-operator";

    /// <summary>Selects everything the operator manages.</summary>
    public const string ManagedSelector = "app.kubernetes.io/managed-by=" + Manager;

    /// <summary>The name of the CacheCluster.</summary>
    public const string Cluster = CacheCluster.GroupName + "/cluster";

    /// <summary>The name of the shard.</summary>
    public const string Shard = CacheCluster.GroupName + "/shard";

    /// <summary>The role of a pod, kept true by the operator: <c>master</c> or <c>replica</c>; absent while it has none.</summary>
    public const string Role = CacheCluster.GroupName + "/role";

    /// <summary>Annotation: the hash of the manifest as applied, so that a field taken out of it is noticed too.</summary>
    public const string Applied = CacheCluster.GroupName + "/applied";

    /// <summary>
    /// Annotation on the ConfigMap and on the headless Service: the last spec that was accepted, which is kept to while the present one is invalid. On two
    /// objects, so that whoever deletes one of them does not take the memory of it along.
    /// </summary>
    public const string AcceptedSpec = CacheCluster.GroupName + "/accepted-spec";

    /// <summary>Annotation beside <see cref="AcceptedSpec"/>: the settings that were in the spec once, separated by commas; servers that run may still have them.</summary>
    public const string FormerSettings = CacheCluster.GroupName + "/former-settings";

    /// <summary>Annotation on a CacheCluster: another master of a shard is wanted, as <c>shard from-pod to-pod|- until</c>, the last an RFC 3339 time.</summary>
    public const string Switchover = CacheCluster.GroupName + "/switchover";

    /// <summary>Annotation on a CacheCluster: a new password is to be made. Any text; another text is another request. On the Secret that the pods mount: the request that was answered last.</summary>
    public const string RotatePassword = CacheCluster.GroupName + "/rotate-password";

    /// <summary>Annotation on the Secret with the servers' certificate: when other authorities were last written into it, in seconds since 1970.</summary>
    public const string AuthoritiesSince = CacheCluster.GroupName + "/authorities-since";

    /// <summary>Annotation on pods: what they were made with and read only at their start (<see cref="StartSettings"/>). Present on every pod made since it exists.</summary>
    public const string StartedWith = CacheCluster.GroupName + "/started-with";

    /// <summary>The labels of every object of a cluster.</summary>
    /// <param name="cluster">The name of the CacheCluster.</param>
    /// <param name="shard">The shard, for objects of one.</param>
    /// <returns>The labels.</returns>
    public static SortedDictionary<string, string> Of(string cluster, string? shard = null)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["app.kubernetes.io/name"] = "cachecluster",
            ["app.kubernetes.io/instance"] = cluster,
            ["app.kubernetes.io/managed-by"] = Manager,
            [Cluster] = cluster,
        };
        if (shard is not null)
            labels[Shard] = shard;
        return labels;
    }

    /// <summary>The labels by which the pods of a cluster, or of one shard of it, are selected. They never change.</summary>
    /// <param name="cluster">The name of the CacheCluster.</param>
    /// <param name="shard">The shard, or null for all.</param>
    /// <param name="role">The role, or null for any.</param>
    /// <returns>The selector.</returns>
    public static SortedDictionary<string, string> Selector(string cluster, string? shard = null, NodeRole? role = null)
    {
        var selector = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Cluster] = cluster };
        if (shard is not null)
            selector[Shard] = shard;
        if (role is { } value)
            selector[Role] = RoleValue(value);
        return selector;
    }

    /// <summary>The value of the role label.</summary>
    /// <param name="role">The role.</param>
    /// <returns>The value.</returns>
    public static string RoleValue(NodeRole role) => role == NodeRole.Master ? "master" : "replica";

    /// <summary>Reads the role label.</summary>
    /// <param name="labels">The labels of a pod.</param>
    /// <returns>The role, or null.</returns>
    public static NodeRole? RoleOf(IDictionary<string, string>? labels) => labels is not null && labels.TryGetValue(Role, out var value)
        ? value switch { "master" => NodeRole.Master, "replica" => NodeRole.Replica, _ => null }
        : null;
}
