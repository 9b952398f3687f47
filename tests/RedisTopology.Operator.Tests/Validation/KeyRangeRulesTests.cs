using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Validation;

public sealed class KeyRangeRulesTests
{
    private const string Keys = """{"patterns": ["user:{id}", "cart:{id}"], "granularity": 1000}""";

    [Theory]
    [InlineData("""["1-1500"], ["1501-"]""", "spec.sharding.shards[a].ranges: \"1-1500\" is not made of whole tablets (1000 ids each from 1, the last of 16384 open); the nearest range that is: \"1-2000\"|spec.sharding.shards[b].ranges: \"1501-\" is not made of whole tablets (1000 ids each from 1, the last of 16384 open); the nearest range that is: \"2001-\"")]
    [InlineData("""["1-1000"], ["2001-"]""", "spec.sharding.shards: ids 1001-2000 belong to no shard; the ranges must cover all ids from 1 exactly once, the last one open")]
    [InlineData("""["1-1000"], ["1001-3000"]""", "spec.sharding.shards: ids 3001- belong to no shard; the ranges must cover all ids from 1 exactly once, the last one open")]
    [InlineData("""["1-2000"], ["1001-"]""", "spec.sharding.shards: ids 1001-2000 are given to both a and b; every id belongs to exactly one shard")]
    [InlineData("""["1-"], ["1001-"]""", "spec.sharding.shards: ids 1001- are given to both a and b; every id belongs to exactly one shard")]
    [InlineData("""["1-1000", "1-1000"], ["1001-"]""", "spec.sharding.shards[a].ranges: \"1-1000\" overlaps another range of the same shard")]
    [InlineData("""["0-5460"], ["5461-16383"]""", "spec.sharding.shards[a].ranges: \"0-5460\" is not made of whole tablets (1000 ids each from 1, the last of 16384 open); the nearest range that is: \"1-5000\"|spec.sharding.shards[b].ranges: \"5461-16383\" is not made of whole tablets (1000 ids each from 1, the last of 16384 open); the nearest range that is: \"5001-16000\"")]
    [InlineData("""["7"], ["1-"]""", "spec.sharding.shards[a].ranges: \"7\" is not an id range: write \"first-last\", or \"first-\" for the last one, with decimal ids of at most 18 digits, for example \"1-1000\"")]
    public void A_bad_range_is_named_with_its_remedy(string ranges, string messages) => Assert.Equal(messages.Split('|'), Errors(Keys, Shards(ranges)));

    [Theory]
    [InlineData("""{"patterns": ["user:"], "granularity": 0}""", "spec.sharding.keyRange.patterns: \"user:\" has not exactly one {id}; write it where the number stands, for example \"user:{id}\"|spec.sharding.keyRange.granularity: 0 is outside 1 to 100000000000000")]
    [InlineData("""{"patterns": [], "granularity": 5}""", "spec.sharding.keyRange.patterns: 0 patterns are outside 1 to 32")]
    [InlineData("null", Rules.KeyRangeNeeded)]
    public void A_bad_mapping_is_named_with_its_remedy(string keys, string messages) => Assert.Equal(messages.Split('|'), Errors(keys, Shards("""["1-"]""")));

    [Fact]
    public void An_even_split_is_refused() => Assert.Equal([Rules.KeyRangeCount], Errors(Keys, "\"count\": 3"));

    [Fact]
    public void HashSlot_has_no_mapping() =>
        Assert.Equal([Rules.KeyRangeNeeded], SpecValidatorTests.Errors($$"""{"size": {"memory": "1Gi"}, "sharding": {"count": 1, "keyRange": {{Keys}}} }"""));

    [Fact]
    public void Ids_become_slots()
    {
        var (definition, errors) = SpecValidator.Validate(Cluster(Keys, Shards("""["1-1000", "2001-5000"], ["1001-2000"], ["5001-"]""")), null);
        Assert.Empty(errors);
        Assert.Equal(
            [SlotSet.Of(new SlotRange(0, 0), new SlotRange(2, 4)), SlotSet.Of(new SlotRange(1, 1)), SlotSet.Of(new SlotRange(5, 16383))],
            definition!.Topology.Shards.Select(s => s.Slots));
        Assert.Equal(1, definition.Keys.SlotOf("cart:1500"));
    }

    [Fact]
    public void The_mapping_never_changes()
    {
        var accepted = Cluster(Keys, Shards("""["1-"]""")).Spec;
        Assert.Equal([Rules.KeyRangeImmutable], SpecValidator.Validate(Cluster("""{"patterns": ["cart:{id}", "user:{id}"], "granularity": 1000}""", Shards("""["1-"]""")), accepted).Errors);
        Assert.Equal([Rules.KeyRangeImmutable], SpecValidator.Validate(Cluster("""{"patterns": ["user:{id}", "cart:{id}"], "first": 1001, "granularity": 1000}""", Shards("""["1001-"]""")), accepted).Errors);
        Assert.Empty(SpecValidator.Validate(Cluster(Keys, Shards("""["1-2000"], ["2001-"]""")), accepted).Errors);
        var other = Cluster(Keys, Shards("""["1-"]"""));
        (other.Spec.Sharding.Mode, other.Spec.Sharding.KeyRange, other.Spec.Sharding.Shards, other.Spec.Sharding.Count) = (ShardingSpec.HashSlot, null, null, 1);
        Assert.Equal([Rules.ModeImmutable], SpecValidator.Validate(other, accepted).Errors);
    }

    private static string Shards(string ranges) =>
        $"\"shards\": [{string.Join(", ", ranges.Split("], ").Select((r, i) => $$"""{"name": "{{(char)('a' + i)}}", "ranges": {{(r.EndsWith(']') ? r : r + "]")}}}"""))}]";

    private static string[] Errors(string keys, string shards) => [.. SpecValidator.Validate(Cluster(keys, shards), null).Errors];

    private static CacheCluster Cluster(string keys, string shards) =>
        TestClusters.Of($$"""{"size": {"memory": "1Gi"}, "sharding": {"mode": "KeyRange", "keyRange": {{keys}}, {{shards}}} }""");
}
