using k8s.Models;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Servers;

namespace RedisTopology.Cli.Doctor;

/// <summary>What the checks of one cluster go by.</summary>
internal sealed record ClusterFacts
{
    public required CacheClusterResource Cluster { get; init; }

    public required IReadOnlyList<V1Pod> Pods { get; init; }

    public required ServerReports Reports { get; init; }

    /// <summary>Its volume claims; null when they could not be read.</summary>
    public IReadOnlyList<V1PersistentVolumeClaim>? Claims { get; init; }

    /// <summary>The keys of its password's Secret; null when it is not there.</summary>
    public IReadOnlyCollection<string>? SecretKeys { get; init; }

    /// <summary>Why the Secret could not be looked at; null when it could.</summary>
    public string? SecretNote { get; init; }

    /// <summary>How many Kubernetes nodes there are; null when that could not be read.</summary>
    public int? Nodes { get; init; }
}
