namespace RedisTopology.Operator.Tests.Validation;

public sealed class ShardRulesTests
{
    [Theory]
    [InlineData("""[]""", "spec.sharding.shards: 0 shards are outside 1 to 256")]
    [InlineData("""[{"name": "a", "ranges": ["0-99", "200-16383"]}, {"name": "b", "ranges": ["101-199"]}]""", "spec.sharding.shards: slots 100 belong to no shard; the ranges must cover 0-16383 exactly once")]
    [InlineData("""[{"name": "a", "ranges": ["1-16382"]}]""", "spec.sharding.shards: slots 0,16383 belong to no shard; the ranges must cover 0-16383 exactly once")]
    [InlineData("""[{"name": "a", "ranges": ["0-100"]}, {"name": "b", "ranges": ["100-16383"]}]""", "spec.sharding.shards: slots 100 are given to both a and b; every slot belongs to exactly one shard")]
    [InlineData("""[{"name": "a", "ranges": ["0-100", "50", "101-16383"]}]""", "spec.sharding.shards[a].ranges: \"50\" overlaps another range of the same shard")]
    [InlineData("""[{"name": "a", "ranges": ["0-16384"]}]""", "spec.sharding.shards[a].ranges: \"0-16384\" is outside the hash slots 0-16383")]
    [InlineData("""[{"name": "a", "ranges": ["16383-0"]}]""", "spec.sharding.shards[a].ranges: \"16383-0\" is backwards: the first slot must not be above the last")]
    [InlineData("""[{"name": "a", "ranges": ["0..16383"]}]""", "spec.sharding.shards[a].ranges: \"0..16383\" is not a slot range: write \"first-last\" with decimal slots, for example \"0-5460\"")]
    [InlineData("""[{"name": "a", "ranges": [null]}]""", "spec.sharding.shards[a].ranges: \"\" is not a slot range: write \"first-last\" with decimal slots, for example \"0-5460\"")]
    [InlineData("""[{"name": "a", "ranges": ["0-"]}]""", "spec.sharding.shards[a].ranges: \"0-\" is not a slot range: write \"first-last\" with decimal slots, for example \"0-5460\"")]
    [InlineData("""[{"name": "a", "ranges": ["0-16383"], "replicas": 10}]""", "spec.sharding.shards[a].replicas: 10 is outside 0 to 9")]
    [InlineData("""[{"name": "a", "ranges": ["0-16383"], "replicas": -1}]""", "spec.sharding.shards[a].replicas: -1 is outside 0 to 9")]
    [InlineData("""[{"name": "a", "ranges": ["0-16383"]}, {"name": "b", "ranges": []}]""", "spec.sharding.shards[b].ranges: 0 ranges are outside 1 to 64")]
    [InlineData("""[{"name": "a", "ranges": ["0-99"]}, {"name": "a", "ranges": ["100-16383"]}]""", "spec.sharding.shards[].name: \"a\" is used twice; names must be unique")]
    [InlineData("""[{"ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: \"\" is not a DNS label of at most 20 characters; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("""[{"name": null, "ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: \"\" is not a DNS label of at most 20 characters; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("""[{"name": "Users", "ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: \"Users\" is not a DNS label of at most 20 characters; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("""[{"name": "0a", "ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: \"0a\" is not a DNS label of at most 20 characters; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("""[{"name": "a-", "ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: \"a-\" is not a DNS label of at most 20 characters; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("""[{"name": "a\n", "ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: \"a\n\" is not a DNS label of at most 20 characters; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("""[{"name": "a23456789012345678901", "ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: \"a23456789012345678901\" is not a DNS label of at most 20 characters; use lower-case letters, digits and '-', beginning with a letter")]
    [InlineData("""[{"name": "masters", "ranges": ["0-16383"]}]""", "spec.sharding.shards[].name: nodes, masters, replicas, config, sidecar and auth are taken by the cluster's own objects; choose another name")]
    public void A_bad_shard_is_named_with_its_remedy(string shards, string message) =>
        Assert.Equal([message], SpecValidatorTests.Errors(Spec(shards)));

    [Theory]
    [InlineData("nodes")]
    [InlineData("masters")]
    [InlineData("replicas")]
    [InlineData("config")]
    [InlineData("sidecar")]
    [InlineData("auth")]
    public void The_names_of_the_clusters_own_objects_are_taken(string name) =>
        Assert.Single(SpecValidatorTests.Errors(Spec($$"""[{"name": "{{name}}", "ranges": ["0-16383"]}]""")));

    [Fact]
    public void A_shard_has_at_most_64_ranges_and_a_cluster_256_shards()
    {
        var pieces = Enumerable.Range(0, 65).Select(i => $"\"{i}\"").Append("\"65-16383\"").ToList();
        Assert.Equal(["spec.sharding.shards[a].ranges: 66 ranges are outside 1 to 64"], SpecValidatorTests.Errors(Spec($$"""[{"name": "a", "ranges": [{{string.Join(',', pieces)}}]}]""")));

        var shards = Enumerable.Range(0, 257).Select(i => $$"""{"name": "x{{i}}", "ranges": ["{{i}}{{(i == 256 ? "-16383" : "")}}"]}""");
        Assert.Equal(["spec.sharding.shards: 257 shards are outside 1 to 256"], SpecValidatorTests.Errors(Spec($"[{string.Join(',', shards)}]")));
    }

    [Fact]
    public void A_null_among_the_shards_is_a_shard_without_anything() =>
        Assert.Equal(2, SpecValidatorTests.Errors(Spec("""[{"name": "a", "ranges": ["0-16383"]}, null]""")).Length);

    private static string Spec(string shards) => $$"""{"size": {"memory": "1Gi"}, "sharding": {"shards": {{shards}} } }""";
}
