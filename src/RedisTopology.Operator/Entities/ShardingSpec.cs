using System.Text.Json.Serialization;

namespace RedisTopology.Operator.Entities;

[ValidationRule("has(self.count) != has(self.shards)", message: Rules.CountOrShards)]
[ValidationRule("self.mode != 'HashSlot' || !has(self.shards) || self.shards.map(s, s.ranges.map(r, r.endsWith('-') ? 0 : r.contains('-') ? int(r.split('-')[1]) - int(r.split('-')[0]) + 1 : 1).sum()).sum() == 16384", message: Rules.RangesCover)]
[ValidationRule("self.mode == oldSelf.mode", message: Rules.ModeImmutable)]
[ValidationRule("has(self.keyRange) == has(oldSelf.keyRange) && (!has(self.keyRange) || self.keyRange == oldSelf.keyRange)", message: Rules.KeyRangeImmutable)]
[ValidationRule("(self.mode == 'KeyRange') == has(self.keyRange)", message: Rules.KeyRangeNeeded)]
[ValidationRule("self.mode != 'KeyRange' || !has(self.count)", message: Rules.KeyRangeCount)]
[ValidationRule(KeyRangeCel.WholeTablets, message: Rules.WholeTablets, messageExpression: KeyRangeCel.WholeTabletsMessage)]
[ValidationRule(KeyRangeCel.Cover, message: Rules.IdsCover)]
public sealed class ShardingSpec
{
    internal const string HashSlot = "HashSlot";
    internal const string ByKeyRange = "KeyRange";

    [Description("HashSlot: shards own ranges of the 16384 hash slots. KeyRange: shards own ranges of the numeric ids in keys. Cannot be changed.")]
    [DefaultValue(HashSlot)]
    [EnumValues(HashSlot, ByKeyRange)]
    public string Mode { get; set => field = value ?? HashSlot; } = HashSlot;

    [Description("Number of shards, named s0, s1, ..., each with an even part of the slots; a change moves as few slots as possible. Either this or shards; not with KeyRange, where an even split would say nothing about ids.")]
    [RangeMinimum(1)]
    [RangeMaximum(Rules.MaxShards)]
    public int? Count { get; set; }

    [JsonPropertyName("shards")]
    [Description("Named shards with explicit ranges: of slots, which cover 0-16383 exactly once, or with KeyRange of ids, which cover all ids from keyRange.first exactly once, the last one open. Either this or count. Shards may come and go and ranges change: slots move while they are served.")]
    [Items(1, Rules.MaxShards)]
    [XListType(XListType.Map)]
    [XListMapKeys("name")]
    public IList<ShardSpec>? Shards { get; set; }

    [Description("What keys carry ids, and how ids are laid on slots; with mode KeyRange alone. Cannot be changed.")]
    public KeyRangeSpec? KeyRange { get; set; }
}
