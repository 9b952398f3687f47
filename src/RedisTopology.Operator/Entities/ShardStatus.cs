namespace RedisTopology.Operator.Entities;

public sealed class ShardStatus
{
    [Required]
    [Description("Name of the shard.")]
    [Length(1, Rules.MaxShardName)]
    public string Name { get; set; } = "";

    [Description("The slot ranges its master serves.")]
    [Items(maxItems: 16384)]
    public IList<string>? Ranges { get; set; }

    [Description("With KeyRange, the ids its master serves.")]
    [Items(maxItems: 16384)]
    public IList<string>? Ids { get; set; }

    [Description("Number of slots its master serves.")]
    public int? Slots { get; set; }

    [Description("Pod of the master; absent while none answers.")]
    public string? Master { get; set; }

    [Description("Pods in their role, of the pods wanted.")]
    public string? Ready { get; set; }

    [Description("The replicas.")]
    [Items(maxItems: 64)]
    public IList<ReplicaStatus>? Replicas { get; set; }

    [Description("Memory used by the master, in bytes. Refreshed when it has moved by more than a tenth; the exact figure is a metric.")]
    public long? UsedMemory { get; set; }

    [Description("Number of keys of the master. Refreshed when it has moved by more than a tenth; the exact figure is a metric.")]
    public long? Keys { get; set; }
}
