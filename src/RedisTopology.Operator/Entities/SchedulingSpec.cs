namespace RedisTopology.Operator.Entities;

public sealed class SchedulingSpec
{
    [Description("Whether the pods of a shard must (Required), should (Preferred) or need not (None) be spread over zones.")]
    [DefaultValue("Preferred")]
    public Spread ZoneSpread { get; set; } = Spread.Preferred;

    [Description("Whether the pods of a shard must (Required), should (Preferred) or need not (None) be spread over nodes. Where it is not None, the first pods of the shards, the masters of a new cluster, should be on different nodes too (Kubernetes 1.28 and later).")]
    [DefaultValue("Preferred")]
    public Spread NodeSpread { get; set; } = Spread.Preferred;

    [Description("Labels a node must have.")]
    [PropertyLimits(maxProperties: 32)]
    public IDictionary<string, string>? NodeSelector { get; set; }

    [Description("Taints the pods tolerate.")]
    [Items(maxItems: 32)]
    public IList<TolerationSpec>? Tolerations { get; set; }

    [Description("Priority class of the pods.")]
    [Length(maxLength: 253)]
    public string PriorityClassName { get; set => field = value ?? ""; } = "";
}
