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
    [Description("With HashSlot slot ranges, for example [\"0-5460\"]; a single slot may stand alone. With KeyRange id ranges of whole tablets, for example [\"1-1000\"], and open for the last one: [\"2001-\"].")]
    [Items(1, Rules.MaxRanges)]
    [ItemsPattern(Rules.RangePattern)]
    [ItemsLength(1, 37)]
    public IList<string> Ranges { get; set => field = value ?? []; } = [];

    [Description("Replicas of this shard, when they differ from spec.replicas.")]
    [RangeMinimum(0)]
    [RangeMaximum(Rules.MaxReplicas)]
    public int? Replicas { get; set; }
}
