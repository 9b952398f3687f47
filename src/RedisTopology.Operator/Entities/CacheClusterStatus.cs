namespace RedisTopology.Operator.Entities;

[Description("What the cluster is, as last observed.")]
public sealed class CacheClusterStatus
{
    [Description("The generation of the spec this status speaks of.")]
    public long? ObservedGeneration { get; set; }

    [Description("What is going on: Pending, Forming, Ready, Scaling, Resharding, Resizing, Upgrading, Degraded, Paused or Invalid.")]
    public string? Phase { get; set; }

    [Description("Engine and version of the pods.")]
    public string? Engine { get; set; }

    [Description("Number of shards.")]
    public int? ShardCount { get; set; }

    [Description("Shards whose master answers.")]
    public int? Masters { get; set; }

    [Description("Pods in their role (a master with its slots, a replica in sync), of all pods.")]
    public string? Ready { get; set; }

    [Description("Hash slots served by a master that answers, of 16384.")]
    public string? SlotsCovered { get; set; }

    [Description("With KeyRange, which shard serves which ids.")]
    public string? Ids { get; set; }

    [Description("Number of pods.")]
    public int? Pods { get; set; }

    [Description("Replicas per shard that exist; what the scale subresource shows.")]
    public int? ReplicasPerShard { get; set; }

    [Description("Label selector of the replicas' pods, for the scale subresource.")]
    public string? Selector { get; set; }

    [Description("Ready, Progressing, Degraded, SlotsCovered, SpecValid, PasswordCurrent, with TLS CertificateCurrent and, with persistence, StorageReady, each with a reason and a message that names shard and pod.")]
    [XListType(XListType.Map)]
    [XListMapKeys("type")]
    [Items(maxItems: 16)]
    public IList<StatusCondition>? Conditions { get; set; }

    [Description("Slots on their way, for each two shards; absent while none are.")]
    [Items(maxItems: 1024)]
    public IList<MigrationStatus>? Migrations { get; set; }

    [Description("Every shard as observed, those that are to be removed last.")]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    [Items(maxItems: 2 * Rules.MaxShards)]
    public IList<ShardStatus>? Shards { get; set; }
}
