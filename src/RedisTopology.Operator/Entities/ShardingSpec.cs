using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

[ValidationRule("has(self.count) != has(self.shards)", message: Rules.CountOrShards)]
[ValidationRule("!has(self.shards) || self.shards.map(s, s.ranges.map(r, r.contains('-') ? int(r.split('-')[1]) - int(r.split('-')[0]) + 1 : 1).sum()).sum() == 16384", message: Rules.RangesCover)]
public sealed class ShardingSpec
{
    [Description("HashSlot: shards own ranges of the 16384 hash slots. Cannot be changed.")]
    [DefaultValue("HashSlot")]
    [EnumValues("HashSlot")]
    public string Mode { get; set => field = value ?? "HashSlot"; } = "HashSlot";

    [Description("Number of shards, named s0, s1, ..., each with an even part of the slots; a change moves as few slots as possible. Either this or shards.")]
    [RangeMinimum(1)]
    [RangeMaximum(Rules.MaxShards)]
    public int? Count { get; set; }

    [JsonPropertyName("shards")]
    [Description("Named shards with explicit slot ranges that cover 0-16383 exactly once. Either this or count. Shards may come and go and ranges change: slots move while they are served.")]
    [Items(1, Rules.MaxShards)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    public IList<ShardSpec>? Shards { get; set; }
}
