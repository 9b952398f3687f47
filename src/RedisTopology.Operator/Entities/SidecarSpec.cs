namespace RedisTopology.Operator.Entities;

public sealed class SidecarSpec
{
    [Description("Where sidecars send reads. Replica: to a replica that is in sync, else to the master. Any: to the master or such a replica, in turn. Master: to the master alone.")]
    [DefaultValue("Replica")]
    public SidecarReads ReadFrom { get; set; } = SidecarReads.Replica;

    [Description("How fresh reads through sidecars are. Session: a key written through a sidecar is read from the master until the replicas have the write. Eventual: a read may miss any recent write. Master: every read goes to the master.")]
    [DefaultValue("Session")]
    public SidecarConsistency Consistency { get; set; } = SidecarConsistency.Session;

    [Description("What becomes of a transaction (MULTI to EXEC) whose keys are in several slots. OneSlot: it is refused with CROSSSLOT. PerSlot: each slot has a transaction of its own, for libraries that put MULTI around every pipeline; all or nothing then holds for each slot by itself. Sidecars of this version or newer know it.")]
    [DefaultValue("OneSlot")]
    public SidecarTransactions Transactions { get; set; } = SidecarTransactions.OneSlot;

    [Description("How long commands wait in sidecars for a shard that has no master before their clients get the error: a number and ms, s, m or h, at most 1h. When not given, failover.nodeTimeout and five seconds, longer than any election that was measured; less for apps that would rather do without the cache.")]
    [Pattern(Rules.DurationPattern)]
    [Length(maxLength: 16)]
    public string? FailoverBuffer { get; set; }

    [Description("How keys are populated from their origin, so that apps need not do it: the first rule that matches a key wins, and a key that matches none is left alone.")]
    [Items(0, Rules.MaxPopulationRules)]
    public IList<PopulationRuleSpec>? Population { get; set; }
}
