using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Webhooks;

/// <summary>What a pod says, and is told, about its sidecar.</summary>
internal static class InjectionNames
{
    /// <summary>Label: the name of the CacheCluster, in the pod's namespace, whose sidecar it wants.</summary>
    public const string Inject = CacheCluster.GroupName + "/inject";

    /// <summary>Annotation: the port the app connects to, on 127.0.0.1. 6379.</summary>
    public const string Port = CacheCluster.GroupName + "/inject-port";

    /// <summary>Annotation: the port of health and metrics. 8379.</summary>
    public const string AdminPort = CacheCluster.GroupName + "/inject-admin-port";

    /// <summary>Annotation, written: what was injected, or why nothing was.</summary>
    public const string Outcome = CacheCluster.GroupName + "/inject-status";

    /// <summary>The container; the chart cache-cluster gives it the same name.</summary>
    public const string Container = "cache-sidecar";

    /// <summary>The volume of the configuration.</summary>
    public const string ConfigVolume = "cache-sidecar-config";

    /// <summary>The volume of the password.</summary>
    public const string AuthVolume = "cache-sidecar-auth";
}
