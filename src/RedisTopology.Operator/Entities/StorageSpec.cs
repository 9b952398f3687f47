using System.Text.Json.Serialization;
using k8s.Models;

namespace RedisTopology.Operator.Entities;

[ValidationRule("(has(self.storageClassName) ? self.storageClassName : '') == (has(oldSelf.storageClassName) ? oldSelf.storageClassName : '')", message: Rules.StorageClassImmutable)]
public sealed class StorageSpec
{
    [Description("Size of each volume. It can grow where the storage class allows it, and never shrinks. At least spec.size.memory.")]
    [DefaultValue("10Gi")]
    [JsonConverter(typeof(QuantityConverter))]
    public ResourceQuantity? Size { get; set => field = value ?? new("10Gi"); } = new("10Gi");

    [Description("Storage class of the volumes; the default class of the Kubernetes cluster when empty. Cannot be changed.")]
    [Length(maxLength: 253)]
    public string StorageClassName { get; set => field = value ?? ""; } = "";

    [Description("Delete: the claim of a pod that is gone for good is deleted, and all of them with the CacheCluster. Retain: they stay.")]
    [DefaultValue("Delete")]
    public ReclaimPolicy Reclaim { get; set; } = ReclaimPolicy.Delete;
}
