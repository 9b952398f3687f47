namespace RedisTopology.Operator.Entities;

public sealed class PersistenceSpec
{
    [Description("None: a cache, in memory alone. RDB: snapshots, up to an hour apart; what came after the last one is lost when all pods of a shard end without notice. AOF: a log of every write, synchronised each second. RDB and AOF can be exchanged while the servers run; None cannot be changed, nor changed to.")]
    [DefaultValue("None")]
    public PersistenceMode Mode { get; set; } = PersistenceMode.None;

    [Description("The volume of each pod; of no interest where mode is None.")]
    [DefaultValue("{}", Json = true)]
    public StorageSpec Storage { get; set => field = value ?? new(); } = new();
}
