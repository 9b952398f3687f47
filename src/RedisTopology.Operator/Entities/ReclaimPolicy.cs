using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

/// <summary>What becomes of a volume whose pod is gone for good.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReclaimPolicy>))]
public enum ReclaimPolicy
{
    /// <summary>Its claim is deleted: when the pod is scaled in, its shard removed, or the CacheCluster deleted.</summary>
    Delete,

    /// <summary>Its claim stays.</summary>
    Retain,
}
