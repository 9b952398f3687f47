using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>Another master because a person asks for it.</summary>
public sealed class SwitchoverTests
{
    [Fact]
    public void A_replica_in_sync_takes_over_gracefully()
    {
        var step = Assert.IsType<PlanStep.Failover>(Assert.Single(Ask(Situation.Settled(2, 1), "s0", "s0-0", "s0-2").Plan().Steps));
        Assert.Equal(("s0-2", FailoverKind.Graceful), (step.Replica.Pod, step.Kind));
    }

    [Fact]
    public void Without_a_name_the_best_replica_does() =>
        Assert.Equal("promote s0-1 (graceful): shard s0: s0-0 hands over, as was asked", Assert.Single(Ask(Situation.Settled(2, 1), "s0", "s0-0", null).Steps()));

    [Fact]
    public void Once_it_is_done_nothing_is_left_to_do() => Assert.Empty(Ask(Situation.Settled(1, 1).FailedOver("s0", to: 1), "s0", "s0-0", "s0-1").Steps());

    [Fact]
    public void A_replica_that_is_behind_is_waited_for()
    {
        var situation = Ask(Situation.Settled(1, 1).WithNode("s0-1", n => n with { LinkUp = false }), "s0", "s0-0", "s0-1");
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.Failover);
        Assert.Contains(situation.Plan().Waits, w => w is { Reason: WaitReason.NoSuccessor, Shard: "s0" });
    }

    [Theory]
    [InlineData("s1-1")]
    [InlineData("nobody")]
    public void A_pod_of_another_shard_never_takes_over(string to) => Assert.Empty(Ask(Situation.Settled(1, 1), "s0", "s0-0", to).Steps());

    [Fact]
    public void It_is_one_failover_at_a_time() =>
        Assert.Single(Ask(Situation.Settled(1, 1).Outdated("s0-0", "s1-0"), "s1", "s1-0", null).Plan().Steps, s => s is PlanStep.Failover);

    private static Situation Ask(Situation situation, string shard, string from, string? to) => situation.With(d => d with { Switchover = new Switchover(shard, from, to) });
}
