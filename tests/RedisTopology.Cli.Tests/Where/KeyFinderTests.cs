using RedisTopology.Cli.Status;
using RedisTopology.Cli.Where;

namespace RedisTopology.Cli.Tests.Where;

public sealed class KeyFinderTests
{
    // The slots are those "CLUSTER KEYSLOT" of a Redis 7.0.15 answers.
    [Theory]
    [InlineData("foo", 12182, "s1")]
    [InlineData("{user1000}.following", 3443, "s0")]
    [InlineData("foo{}{bar}", 8363, "s1")]
    public void A_key_is_found_by_its_slot(string key, int slot, string shard)
    {
        var place = KeyFinder.Find(Samples.Cluster(), ClusterViewBuilder.Build(Samples.Cluster(), Samples.Pods(), Samples.Reports()), key);
        Assert.Equal((slot, shard, key), (place.Slot, place.Shard, place.StoredAs));
        Assert.NotEmpty(place.Why);
    }

    [Fact]
    public void Where_ids_decide_they_are_asked()
    {
        var cluster = Samples.Cluster("""{"size": {"memory": "64Mi"}, "sharding": {"mode": "KeyRange", "count": 2, "keyRange": {"patterns": ["user:{id}"], "first": 1, "granularity": 1000}}}""");
        var place = KeyFinder.Find(cluster, ClusterViewBuilder.Build(cluster, Samples.Pods(), Samples.Reports()), "user:1001");
        Assert.Equal((1, 1001, "s0"), (place.Slot, place.Id, place.Shard));
        Assert.EndsWith("}user:1001", place.StoredAs, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("string\n60000\n72\n", true, "string", 60.0, 72L)]
    [InlineData("hash\n-1\n1024\n", true, "hash", null, 1024L)]
    [InlineData("none\n-2\n\n", false, null, null, null)]
    public void The_answer_about_a_key_is_read(string answer, bool exists, string? type, double? lifetime, long? memory) =>
        Assert.Equal(new StoredValue(exists, type, lifetime, memory), StoredValue.Parse(answer));

    [Fact]
    public void A_complaint_is_no_answer() => Assert.Null(StoredValue.Parse("Could not connect to Redis at 127.0.0.1:6379: Connection refused\n"));
}
