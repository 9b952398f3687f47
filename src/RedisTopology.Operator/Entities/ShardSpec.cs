namespace RedisTopology.Operator.Entities;

public sealed class ShardSpec
{
    [Required]
    [Description("Name of the shard, part of the names of its StatefulSet and Service.")]
    [Pattern(Rules.ShardNamePattern)]
    [Length(1, Rules.MaxShardName)]
    [ValidationRule("!(self in ['nodes', 'masters', 'replicas', 'config', 'sidecar', 'auth'])", message: Rules.ShardNameReserved)]
    public string Name { get; set => field = value ?? ""; } = "";

    [Required]
    [Description("Slot ranges, for example [\"0-5460\"]; a single slot may stand alone.")]
    [Items(1, Rules.MaxRanges)]
    [ItemsPattern(Rules.RangePattern)]
    [ItemsLength(1, 11)]
    public IList<string> Ranges { get; set => field = value ?? []; } = [];

    [Description("Replicas of this shard, when they differ from spec.replicas.")]
    [RangeMinimum(0)]
    [RangeMaximum(Rules.MaxReplicas)]
    public int? Replicas { get; set; }
}
