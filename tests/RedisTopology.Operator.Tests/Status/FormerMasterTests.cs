using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Status;

namespace RedisTopology.Operator.Tests.Status;

/// <summary>Which master a shard had, for an operator that saw the change and for one that took over during it.</summary>
public sealed class FormerMasterTests
{
    private static readonly CacheClusterStatus Reported = new() { Shards = [new ShardStatus { Name = "s0", Master = "c-s0-0" }, new ShardStatus { Name = "s1" }] };

    [Fact]
    public void Another_operator_goes_on_from_the_status() => Assert.Equal("c-s0-0", StatusReporter.FormerMaster("s0", new ClusterState(), Reported));

    [Fact]
    public void What_was_seen_stands_above_what_was_reported()
    {
        var state = new ClusterState();
        state.Masters["s0"] = "c-s0-1";
        Assert.Equal("c-s0-1", StatusReporter.FormerMaster("s0", state, Reported));
    }

    [Fact]
    public void A_shard_that_had_none_or_is_new_has_no_former()
    {
        Assert.Null(StatusReporter.FormerMaster("s1", new ClusterState(), Reported));
        Assert.Null(StatusReporter.FormerMaster("s2", new ClusterState(), Reported));
        Assert.Null(StatusReporter.FormerMaster("s0", new ClusterState(), new CacheClusterStatus()));
    }
}
