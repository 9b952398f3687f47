using k8s.Models;

namespace RedisTopology.Operator.Entities;

/// <summary>One sharded, replicated Redis or Valkey, as a person asks for it and as the operator reports it.</summary>
[KubernetesEntity(Group = GroupName, ApiVersion = "v1alpha1", Kind = "CacheCluster", PluralName = "cacheclusters")]
[KubernetesEntityShortNames("cc")]
[ScaleSubresource(".spec.replicas", ".status.replicasPerShard", ".status.selector")]
[GenericAdditionalPrinterColumn(".status.shardCount", "Shards", "integer", Description = "Number of shards.")]
[GenericAdditionalPrinterColumn(".status.ready", "Ready", "string", Description = "Pods in their role, of all pods.")]
[GenericAdditionalPrinterColumn(".status.masters", "Masters", "integer", Description = "Shards whose master answers.")]
[GenericAdditionalPrinterColumn(".status.slotsCovered", "Slots", "string", Description = "Hash slots served by a master that answers, of 16384.")]
[GenericAdditionalPrinterColumn(".status.phase", "Phase", "string", Description = "What is going on.")]
[GenericAdditionalPrinterColumn(".status.conditions[?(@.type==\"Ready\")].reason", "Reason", "string", Description = "Why it is, or is not, ready.")]
[GenericAdditionalPrinterColumn(".metadata.creationTimestamp", "Age", "date")]
[GenericAdditionalPrinterColumn(".spec.size.memory", "Size", "string", Description = "Memory of each pod.", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".spec.replicas", "Replicas", "integer", Description = "Replicas per shard.", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".status.engine", "Engine", "string", Description = "Engine and version.", Priority = PrinterColumnPriority.WideView)]
[GenericAdditionalPrinterColumn(".status.ids", "Ids", "string", Description = "With KeyRange, which shard serves which ids.", Priority = PrinterColumnPriority.WideView)]
[Description("A sharded, replicated Redis or Valkey.")]
public sealed class CacheCluster : CustomKubernetesEntity<CacheClusterSpec, CacheClusterStatus>
{
    /// <summary>The API group, also the prefix of every label and annotation of the operator.</summary>
    public const string GroupName = "cache.redistopology.io";

    /// <summary>Creates an entity whose <c>apiVersion</c> and <c>kind</c> are set.</summary>
    public CacheCluster()
    {
        ApiVersion = GroupName + "/v1alpha1";
        Kind = "CacheCluster";
    }
}
