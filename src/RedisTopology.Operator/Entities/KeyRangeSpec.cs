using RedisTopology.Core.Keys;

namespace RedisTopology.Operator.Entities;

// The rules of Core's KeyPattern, in its words.
[ValidationRule("self.patterns.all(p, p.split('{id}').size() == 2)", messageExpression:
    "'spec.sharding.keyRange.patterns: \"' + self.patterns.filter(p, p.split('{id}').size() != 2)[0] + '\" has not exactly one {id}; write it where the number stands, for example \"user:{id}\"'")]
[ValidationRule("self.patterns.all(p, p.split('{id}').all(t, !t.matches('[{][A-Za-z0-9_]+[}]')) && !p.matches('^[{][A-Za-z0-9]{0,2}[{]id[}]'))", messageExpression:
    "'spec.sharding.keyRange.patterns: \"' + self.patterns.filter(p, p.split('{id}').exists(t, t.matches('[{][A-Za-z0-9_]+[}]')) || p.matches('^[{][A-Za-z0-9]{0,2}[{]id[}]'))[0] + '\" has braces that are not {id}; keys that begin with a hash tag of their own cannot be sharded by id'")]
[ValidationRule("self.patterns.all(p, !p.matches('[*].'))", messageExpression:
    "'spec.sharding.keyRange.patterns: \"' + self.patterns.filter(p, p.matches('[*].'))[0] + '\" has a * that is not its last character; only there it stands for any rest of the key'")]
[ValidationRule("self.patterns.all(p, !p.matches('[{]id[}][0-9]'))", messageExpression:
    "'spec.sharding.keyRange.patterns: \"' + self.patterns.filter(p, p.matches('[{]id[}][0-9]'))[0] + '\" has a digit right after {id}, which would be taken for a part of the id; put another character between them'")]
public sealed class KeyRangeSpec
{
    [Required]
    [Description("The forms of keys that carry an id, each with one {id} where its decimal digits stand, for example [\"user:{id}\", \"cart:{id}:*\"]; a * at the end stands for any rest. The same id in two patterns lives in the same slot. Keys that match none are spread by their hash, as with HashSlot.")]
    [Items(1, Rules.MaxPatterns)]
    [ItemsLength(4, Rules.MaxPattern)]
    public IList<string> Patterns { get; set => field = value ?? []; } = [];

    [Description("The id the first tablet begins with. Lower ids live with it.")]
    [DefaultValue(1)]
    [RangeMinimum(0)]
    [RangeMaximum(KeyPattern.MaxId)]
    public long First { get; set; } = 1;

    [Required]
    [Description("How many ids make a tablet: ids are moved between shards in tablets, and there are 16384 of them. Ids past the last tablet all live in it.")]
    [RangeMinimum(1)]
    [RangeMaximum(Tablets.MaxGranularity)]
    public long Granularity { get; set; }
}
