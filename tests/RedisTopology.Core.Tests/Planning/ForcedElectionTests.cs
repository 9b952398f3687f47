using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>A master that both the operator and a server miss, and nobody hears.</summary>
public sealed class ForcedElectionTests
{
    private const string Owner = "id-s0-0";

    [Theory]
    [InlineData(PeerHealth.Suspect)]
    [InlineData(PeerHealth.Failed)]
    public void The_best_replica_stands_for_election_once_a_server_misses_the_master_too(PeerHealth flag)
    {
        var situation = Lost(5, replicas: 2).WithNode("s0-2", n => n with { Offset = 2000 }).Seen(Owner, p => p with { Health = flag }, by: "s2-0");
        var step = Order(situation)!;
        Assert.Equal(("s0-2", "s0-0", "shard s0: master s0-0 has not answered the operator for 5 s, nor s2-0"), (step.Replica.Pod, step.From, step.Reason));
    }

    /// <summary>It is cut off from the master, and nobody else is.</summary>
    [Fact]
    public void The_operator_alone_decides_nothing() => Assert.Null(Order(Lost(1000)));

    /// <summary>Two of them are cut off from it, and the others are not.</summary>
    [Theory]
    [InlineData("s1-0")]
    [InlineData("s2-1")]
    [InlineData("s0-1")]
    public void A_master_that_some_server_hears_is_left_alone(string by)
    {
        var situation = Flagged(1000).Seen(Owner, p => p with { Heard = true, Health = PeerHealth.Ok }, by);
        Assert.Null(Order(situation));
        Assert.NotNull(Order(situation.Seen(Owner, p => p with { Heard = false }, by)));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    public void It_is_waited_for_until_a_node_timeout_after_its_last_sign(int silent, int lookIn)
    {
        var situation = Flagged(silent);
        Assert.Null(Order(situation));
        Assert.Equal(TimeSpan.FromSeconds(lookIn), situation.Plan().LookIn);
    }

    /// <summary>Only a flag is missing: it comes within two seconds and a half, or not at all.</summary>
    [Theory]
    [InlineData(5, true)]
    [InlineData(9, true)]
    [InlineData(10, false)]
    public void A_flag_is_looked_for_often_and_for_a_while(int silent, bool often) => Assert.Equal(often, Lost(silent).Plan().LookIn is not null);

    [Fact]
    public void A_second_order_waits_until_the_first_has_had_its_time_or_has_come_to_nothing()
    {
        Assert.Null(Order(Flagged(6).Ordered(Owner, "id-s0-1", 4.9)));
        Assert.Contains(WaitReason.GossipElecting, Flagged(6).Ordered(Owner, "id-s0-1", 4.9).Waits());
        Assert.NotNull(Order(Flagged(10).Ordered(Owner, "id-s0-1", 5)));

        // Who stood has been lost as well.
        var situation = Flagged(6, replicas: 2).Ordered(Owner, "id-s0-1", 1).Silent("s0-1", 1, down: true);
        Assert.Equal("s0-2", Order(situation)?.Replica.Pod);
    }

    /// <summary>Both would have the same epoch, in which a master votes once.</summary>
    [Fact]
    public void Two_elections_are_not_held_at_once()
    {
        var situation = Situation.Settled(1, 1, 1, 1, 1).Silent("s0-0", 6, down: false).Silent("s1-0", 6, down: false)
            .Seen(Owner, p => p with { Health = PeerHealth.Suspect }).Seen("id-s1-0", p => p with { Health = PeerHealth.Suspect });
        Assert.Equal("s0-1", Assert.Single(situation.Plan().Steps.OfType<PlanStep.Failover>()).Replica.Pod);
        Assert.Empty(situation.Ordered(Owner, "id-s0-1", 0.2).Plan().Steps.OfType<PlanStep.Failover>());
        Assert.Equal("s1-1", Order(situation.Ordered(Owner, "id-s0-1", 1))?.Replica.Pod);
    }

    [Fact]
    public void Two_shards_have_no_majority_that_could_vote()
    {
        Assert.Null(Order(Situation.Settled(1, 1).Silent("s0-0", 100, down: false).Seen(Owner, p => p with { Health = PeerHealth.Suspect })));
        Assert.Null(Order(Flagged(6).Silent("s1-0", 1, down: true)));
        Assert.Null(Order(Flagged(6).Seen("id-s1-0", p => p with { Health = PeerHealth.Suspect }, by: "s0-1")));
    }

    /// <summary>They would be denied the votes, or inherit nothing.</summary>
    [Fact]
    public void Only_a_replica_that_can_win_stands()
    {
        Assert.Null(Order(Flagged(6).Seen("id-s0-1", p => p with { Role = NodeRole.Master, MasterId = null }, by: "s1-0")));
        Assert.Null(Order(Flagged(6).WithNode("s0-1", n => n with { Offset = 0, Keys = 0 })));
        Assert.Null(Order(Flagged(6).WithNode("s0-1", n => n with { Loading = true })));
        Assert.Null(Order(Flagged(6).WithPod("s0-1", p => p with { Terminating = true })));
        Assert.Null(Order(Flagged(6).Seen(Owner, p => p with { Slots = SlotSet.Empty }, by: "s0-1")));
    }

    [Fact]
    public void A_pod_that_answers_under_another_identity_is_no_silent_master() =>
        Assert.DoesNotContain(Situation.Settled(1, 1, 1).Replaced("s0-0").Seen(Owner, p => p with { Health = PeerHealth.Suspect }).Plan().Steps, s => s is PlanStep.Failover { Kind: FailoverKind.Forced });

    /// <summary>What a master acknowledged is in one of its replicas at least: perhaps in the one that is away.</summary>
    [Fact]
    public void Under_bounded_durability_every_replica_must_answer()
    {
        Assert.NotNull(Order(Flagged(6, replicas: 2).With(d => d with { BoundsLoss = true })));
        Assert.NotNull(Order(Flagged(6, replicas: 2).Silent("s0-2", 1, down: true)));
        Assert.Null(Order(Flagged(6, replicas: 2).Silent("s0-2", 1, down: true).With(d => d with { BoundsLoss = true })));
        Assert.Null(Order(Flagged(6, replicas: 2).Missing("s0-2").With(d => d with { BoundsLoss = true })));
        Assert.Null(Order(Flagged(6, replicas: 2).WithNode("s0-2", n => n with { MasterId = "id-s1-0" }).With(d => d with { BoundsLoss = true })));
    }

    /// <summary>A master without its replicas goes on acknowledging for up to three seconds.</summary>
    [Fact]
    public void Under_bounded_durability_a_master_is_given_the_time_to_stop_acknowledging()
    {
        var situation = Flagged(2, replicas: 2).With(d => d with { NodeTimeout = TimeSpan.FromSeconds(1) });
        Assert.NotNull(Order(situation));
        Assert.Null(Order(situation.With(d => d with { BoundsLoss = true })));
        Assert.Equal(TimeSpan.FromSeconds(1), situation.Plan().LookIn);
    }

    /// <summary>Its last pongs are a moment old, and it can neither answer nor acknowledge anything any more.</summary>
    [Fact]
    public void A_master_whose_process_has_ended_is_succeeded_at_once()
    {
        var situation = Ended(replicas: 2).WithNode("s0-2", n => n with { Offset = 2000 }).Seen(Owner, p => p with { Heard = true });
        var step = Order(situation)!;
        Assert.Equal(("s0-2", "s0-0", "shard s0: master s0-0's process has ended"), (step.Replica.Pod, step.From, step.Reason));
        Assert.NotNull(Order(situation.With(d => d with { BoundsLoss = true })));
        Assert.Null(Order(situation.WithPod("s0-0", p => p with { Ended = false })));
    }

    /// <summary>What comes back within the node timeout has everything that was acknowledged; its replicas perhaps not.</summary>
    [Fact]
    public void A_master_with_a_log_is_given_the_time_to_come_back()
    {
        Assert.Null(Order(Ended().With(d => d with { LogsWrites = true })));
        Assert.NotNull(Order(Ended(6).Seen(Owner, p => p with { Health = PeerHealth.Suspect }).With(d => d with { LogsWrites = true })));
    }

    /// <summary>A server that is connected to it knows better; and a replica whose link stands may not have read to the end of it.</summary>
    [Theory]
    [InlineData("s1-0")]
    [InlineData("s0-2")]
    public void A_master_that_some_server_has_a_link_to_has_not_ended(string by)
    {
        var situation = Ended(replicas: 2).Seen(Owner, p => p with { Connected = true }, by);
        Assert.Null(Order(situation));
        Assert.Equal(TimeSpan.FromMilliseconds(200), situation.Plan().LookIn);
        Assert.Null(Order(Ended(replicas: 2).WithNode("s0-2", n => n with { LinkUp = true })));
    }

    /// <summary>The voters refuse a second vote on the same master for two node timeouts.</summary>
    [Fact]
    public void An_election_that_came_to_nothing_is_not_held_again_at_once() => Assert.Null(Order(Ended().Ordered(Owner, "id-s0-1", 6)));

    [Fact]
    public void A_settled_cluster_is_not_looked_at_sooner() => Assert.Null(Situation.Settled(1, 1, 1).Plan().LookIn);

    private static Situation Lost(int seconds, int replicas = 1) => Situation.Settled(replicas, 1, 1).Silent("s0-0", seconds, down: false);

    private static Situation Flagged(int seconds, int replicas = 1) => Lost(seconds, replicas).Seen(Owner, p => p with { Health = PeerHealth.Suspect });

    private static Situation Ended(int seconds = 0, int replicas = 1)
    {
        var situation = Lost(seconds, replicas).Seen(Owner, p => p with { Connected = false }).WithPod("s0-0", p => p with { ConfirmedDown = true, Ended = true });
        for (var replica = 1; replica <= replicas; replica++)
            situation.WithNode($"s0-{replica}", n => n with { LinkUp = false });
        return situation;
    }

    private static PlanStep.Failover? Order(Situation situation) =>
        situation.Plan().Steps.OfType<PlanStep.Failover>().SingleOrDefault() is { } step && step.Kind == FailoverKind.Forced ? step : null;
}
