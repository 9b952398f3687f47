using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>Small situations and what is to be done in them.</summary>
public sealed class TopologyPlannerTests
{
    [Fact]
    public void A_settled_cluster_is_left_alone() => Assert.True(Situation.Settled(1, 2, 0).Plan().IsSettled);

    [Fact]
    public void One_fresh_shard_is_formed()
    {
        var situation = Situation.Fresh(0);
        Assert.Equal(["set config epoch 1 on s0-0", "assign 16384 slots (0-16383) to s0-0"], situation.Steps());
    }

    [Fact]
    public void Three_fresh_shards_get_distinct_epochs_their_slots_and_introductions()
    {
        var steps = Situation.Fresh(1, 1, 1).Plan().Steps;
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.OfType<PlanStep.SetConfigEpoch>().Select(s => s.Epoch));
        Assert.Equal(
            ["assign 5461 slots (0-5460) to s0-0", "assign 5462 slots (5461-10922) to s1-0", "assign 5461 slots (10923-16383) to s2-0"],
            steps.OfType<PlanStep.AssignSlots>().Select(s => s.Summary));
        Assert.Equal(6 * 5 / 2, steps.OfType<PlanStep.Meet>().Count());
        Assert.True(steps.ToList().FindLastIndex(s => s is PlanStep.SetConfigEpoch) < steps.ToList().FindIndex(s => s is PlanStep.Meet));
    }

    [Fact]
    public void Forming_waits_for_pod_0_while_others_answer()
    {
        Assert.DoesNotContain(Situation.Fresh(1).Silent("s0-0", 19, down: true).Steps(), s => s.StartsWith("assign", StringComparison.Ordinal));
        Assert.Contains("assign 16384 slots (0-16383) to s0-1", Situation.Fresh(1).Silent("s0-0", 20, down: true).Steps());
    }

    [Fact]
    public void Nothing_is_formed_beside_a_silent_pod_that_had_a_role()
    {
        var situation = Situation.Fresh(1).WithPod("s0-1", p => p with { RoleLabel = NodeRole.Replica }).Silent("s0-1", 100, down: true);
        Assert.DoesNotContain(situation.Steps(), s => s.StartsWith("assign", StringComparison.Ordinal));
        Assert.Contains(WaitReason.CopyAway, situation.Waits());
    }

    /// <summary>The replica had just been promoted when it was cut off, and other shards are asked for: seed 57000456.</summary>
    [Fact]
    public void Nothing_is_formed_beside_a_silent_member_of_any_shard()
    {
        var situation = Situation.Fresh(1, 0).WithPod("s0-1", p => p with { RoleLabel = NodeRole.Replica }).Silent("s0-1", 1000, down: false);
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.AssignSlots);
    }

    /// <summary>Some of a shard's slots are nobody's, and its master has not been succeeded yet: seed 56994277.</summary>
    [Fact]
    public void Slots_are_not_given_to_another_pod_of_a_shard_whose_master_is_to_be_succeeded()
    {
        var situation = Situation.Settled(1, 0).Replaced("s0-0").Seen("id-s0-0", p => p with { Slots = Situation.Slots("0-99") });
        Assert.Equal("s0-1", Assert.Single(situation.Plan().Steps.OfType<PlanStep.Failover>()).Replica.Pod);
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.AssignSlots);
    }

    [Fact]
    public void No_pod_goes_that_owns_slots_beside_the_master()
    {
        var situation = Situation.Settled(1, 0).Wanting(0, 0);
        Assert.Contains("scale shard s0 to 1 pods", situation.Steps());
        var part = Situation.Slots("0-99");
        situation.Owning("s0", "100-8191")
            .WithNode("s0-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null, Slots = part, ConfigEpoch = 9 })
            .Seen("id-s0-1", p => p with { Role = NodeRole.Master, MasterId = null, Slots = part, ConfigEpoch = 9 });
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.ScaleShard);
        Assert.Contains(situation.Plan().Waits, w => w.Message == "shard s0: s0-1 is to be removed once its slots have gone to s0-0");
        Assert.Equal(("s0-1", "s0-0"), Assert.Single(situation.Moves()) is var move ? (move.Source.Pod, move.Target.Pod) : default);
    }

    /// <summary>It was given slots and ended before anybody heard of it: seed 733807131.</summary>
    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public void Nothing_is_formed_while_a_pod_is_about_to_start(int seconds, bool waits)
    {
        var situation = Situation.Fresh(1).Silent("s0-1", seconds, down: true);
        Assert.Equal(!waits, situation.Steps().Contains("assign 16384 slots (0-16383) to s0-0"));
    }

    /// <summary>One master was deleted, the other came back without anything: seed 231942521.</summary>
    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public void Nothing_is_formed_beside_a_pod_too_many_that_is_about_to_start(int seconds, bool waits)
    {
        var situation = Situation.Fresh(1).Wanting(0).Silent("s0-1", seconds, down: true);
        Assert.Equal(!waits, situation.Steps().Contains("assign 16384 slots (0-16383) to s0-0"));
    }

    /// <summary>The one that answers was cut off while slots went from the one that is gone to the one that is silent: seed 231996525.</summary>
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(0, 0, 0, 0, 0)]
    public void What_a_minority_remembers_of_a_master_that_is_gone_is_not_believed_while_another_is_silent(params int[] replicas)
    {
        var situation = Situation.Settled(replicas).Replaced("s0-0").Silent("s1-0", 1000, down: true);
        var majority = replicas.Length > 3;
        Assert.Equal(majority, situation.Plan().Steps.Any(s => s is PlanStep.Forget));
        Assert.Equal(!majority, situation.Plan().Waits.Any(w => w.Message.Contains("s1-0, which may have been given its slots before", StringComparison.Ordinal)));

        foreach (var shard in Enumerable.Range(2, replicas.Length - 2))
            situation.WithNode($"s{shard}-0", n => n with { Peers = [.. n.Peers.Where(p => p.Id != "id-s0-0")] });
        Assert.Equal(majority, situation.Plan().Steps.Any(s => s is PlanStep.AssignSlots));
    }

    [Fact]
    public void A_known_pod_follows_its_master()
    {
        var situation = Situation.Settled(1).WithNode("s0-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null, Keys = 0 });
        Assert.Equal(["make s0-1 a replica of s0-0"], situation.Steps());
    }

    [Fact]
    public void A_pod_that_does_not_know_its_master_is_introduced_first()
    {
        var situation = Situation.Settled(1).Replaced("s0-1");
        Assert.Equal([WaitReason.GossipSpreading, WaitReason.ClusterNotOk], situation.Waits());
        Assert.Contains("introduce s0-1 to s0-0", situation.Steps(introductions: true));
        Assert.DoesNotContain(situation.Steps(), s => s.Contains("replica of", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(5, false)]
    public void What_a_server_read_from_its_disk_under_a_new_identity_is_not_lost(int keys, bool lost)
    {
        var situation = Situation.Settled(0, 0).Replaced("s1-0");
        situation.WithNode("s1-0", n => n with { Keys = keys });
        var forget = Assert.Single(situation.Plan().Steps.OfType<PlanStep.Forget>(), f => f.On.Pod == "s0-0");
        Assert.Equal(lost, !forget.Lost.IsEmpty);
    }

    [Fact]
    public void A_master_with_keys_and_no_slots_is_not_emptied()
    {
        var situation = Situation.Settled(1).WithNode("s0-1", n => n with { Role = NodeRole.Master, MasterId = null, Keys = 5 });
        Assert.Empty(situation.Steps());
        Assert.Equal([WaitReason.UnexpectedKeys], situation.Waits());
    }

    [Fact]
    public void A_replica_that_holds_its_master_failed_is_not_attached_to_it()
    {
        var situation = Situation.Settled(1)
            .WithNode("s0-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null, Keys = 0 })
            .Seen("id-s0-0", p => p with { Health = PeerHealth.Failed });
        Assert.Empty(situation.Steps());
        Assert.Equal([WaitReason.GossipSpreading], situation.Waits());
    }

    [Theory]
    [InlineData("ip-gone", false)]
    [InlineData("ip-s1-0", true)]
    public void A_replica_that_clings_to_another_address_follows_anew(string host, bool linkUp) =>
        Assert.Equal(["make s0-1 a replica of s0-0"], Situation.Settled(1, 0).WithNode("s0-1", n => n with { MasterHost = host, LinkUp = linkUp }).Steps());

    [Fact]
    public void A_synchronising_replica_is_waited_for() =>
        Assert.Equal([WaitReason.ReplicaSyncing], Situation.Settled(1).WithNode("s0-1", n => n with { LinkUp = false }).Waits());

    [Fact]
    public void Changed_addresses_are_told_to_everyone()
    {
        var situation = Situation.Settled(0, 0, 0).WithPod("s1-0", p => p with { Address = "ip-new" });
        Assert.Equal(["introduce s1-0 to s0-0", "introduce s1-0 to s2-0"], situation.Steps(introductions: true).Order());
        Assert.Equal([WaitReason.GossipSpreading], situation.Waits());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Without_a_majority_of_three_the_operator_takes_over_from_a_dead_master_at_once(int shards)
    {
        var situation = Situation.Settled([1, .. Enumerable.Repeat(0, shards - 1)]).Silent("s0-0", 1, down: true);
        Assert.Equal(["promote s0-1 (takeover): shard s0: master s0-0 is down and no election can replace it"], situation.Steps());
    }

    [Fact]
    public void The_replica_that_got_furthest_takes_over()
    {
        var situation = Situation.Settled(2).WithNode("s0-2", n => n with { Offset = 1001 }).Silent("s0-0", 1, down: true);
        Assert.StartsWith("promote s0-2 (takeover)", Assert.Single(situation.Steps()), StringComparison.Ordinal);
    }

    [Fact]
    public void Replicas_that_never_heard_of_their_masters_slots_are_not_all_promoted_in_turn()
    {
        var situation = Situation.Settled(2, 0).Replaced("s0-0");
        foreach (var replica in new[] { "s0-1", "s0-2" })
            situation.Seen("id-s0-0", p => p with { Slots = SlotSet.Empty }, by: replica);
        Assert.StartsWith("promote s0-1 (takeover)", Assert.Single(situation.Steps()), StringComparison.Ordinal);

        situation.WithNode("s0-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null });
        Assert.Equal(["make s0-1 forget id-s0-0", "make s1-0 forget id-s0-0"], situation.Steps());

        situation.Seen("id-s0-0", p => p with { Slots = SlotSet.Empty });
        Assert.Equal("s0-1", Assert.Single(situation.Plan().Steps.OfType<PlanStep.AssignSlots>()).Node.Pod);
    }

    [Fact]
    public void A_replica_that_knows_the_slots_goes_before_one_that_got_further()
    {
        var situation = Situation.Settled(2).Seen("id-s0-0", p => p with { Slots = SlotSet.Empty }, by: "s0-1").WithNode("s0-1", n => n with { Offset = 2000 }).Silent("s0-0", 1, down: true);
        Assert.StartsWith("promote s0-2 (takeover)", Assert.Single(situation.Steps()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_silent_master_is_not_taken_over_from_while_it_may_run()
    {
        var situation = Situation.Settled(1).Silent("s0-0", 1000, down: false);
        Assert.Empty(situation.Steps());
        Assert.Equal([WaitReason.MasterUnconfirmed], situation.Waits());
    }

    [Theory]
    [InlineData(14, WaitReason.GossipElecting)]
    [InlineData(15, null)]
    public void With_three_masters_the_election_has_its_time(int seconds, WaitReason? wait)
    {
        var situation = Situation.Settled(1, 1, 1).Silent("s0-0", seconds, down: true);
        Assert.Equal(wait is { } reason ? [reason] : [], situation.Waits());
        Assert.Equal(wait is null ? ["promote s0-1 (takeover): shard s0: master s0-0 is down and no election can replace it"] : [], situation.Steps());
    }

    [Fact]
    public void A_lost_majority_is_taken_over_at_once()
    {
        var situation = Situation.Settled(1, 1, 1).Silent("s0-0", 1, down: true).Silent("s1-0", 1, down: true);
        Assert.Equal(2, situation.Plan().Steps.OfType<PlanStep.Failover>().Count(f => f.Kind == FailoverKind.Takeover));
    }

    [Fact]
    public void A_master_that_came_back_as_another_is_succeeded_at_once()
    {
        var situation = Situation.Settled(1, 1, 1).Replaced("s0-0").Seen("id-s0-0", p => p with { Health = PeerHealth.NoAddress, Address = null });
        Assert.Equal(["promote s0-1 (takeover): shard s0: master s0-0 is down and no election can replace it"], situation.Steps());
    }

    [Fact]
    public void An_empty_replica_does_not_succeed_a_master_that_may_return()
    {
        var situation = Situation.Settled(1).WithNode("s0-1", n => n with { Offset = 0, Keys = 0, LinkUp = false }).Silent("s0-0", 100, down: true);
        Assert.Empty(situation.Steps());
        Assert.Contains(WaitReason.CopyAway, situation.Waits());
    }

    [Fact]
    public void An_empty_replica_does_not_succeed_a_replaced_master_while_another_copy_may_return()
    {
        var situation = Situation.Settled(2).Replaced("s0-0").WithNode("s0-1", n => n with { Offset = 0, Keys = 0 }).Silent("s0-2", 5, down: true);
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.Failover);
        Assert.Contains(WaitReason.CopyAway, situation.Waits());
    }

    [Fact]
    public void A_shard_whose_pods_are_all_away_is_waited_for()
    {
        var situation = Situation.Settled(1, 0).Silent("s0-0", 1000, down: true).Silent("s0-1", 1000, down: true);
        Assert.Empty(situation.Steps());
        Assert.Equal([WaitReason.CopyAway], situation.Waits());
    }

    [Fact]
    public void A_replaced_master_whose_replica_is_away_is_waited_for()
    {
        var situation = Situation.Settled(1, 0).Replaced("s0-0").Silent("s0-1", 1000, down: true);
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.AssignSlots or PlanStep.Forget);
        Assert.Contains(WaitReason.CopyAway, situation.Waits());
    }

    [Fact]
    public void A_silent_pod_that_had_a_role_counts_as_a_copy_even_when_nobody_remembers_it()
    {
        var situation = Situation.Settled(1, 0).Replaced("s0-0").Silent("s0-1", 1000, down: true).Seen("id-s0-1", p => p with { MasterId = null });
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.AssignSlots or PlanStep.Forget);
    }

    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public void A_pod_that_is_about_to_start_may_find_its_old_disk(int seconds, bool waits)
    {
        var situation = Situation.Settled(1, 0).Replaced("s0-0").Silent("s0-1", seconds, down: true).WithPod("s0-1", p => p with { RoleLabel = null })
            .Seen("id-s0-1", p => p with { MasterId = null });
        Assert.Equal(!waits, situation.Plan().Steps.Any(s => s is PlanStep.Forget));
    }

    [Fact]
    public void When_every_copy_is_gone_the_dead_owner_is_forgotten_and_then_its_slots_are_given_away_empty()
    {
        var situation = Situation.Settled(0, 0).Replaced("s0-0");
        Assert.StartsWith("make s1-0 forget id-s0-0, with which the data of slots", Assert.Single(situation.Steps()), StringComparison.Ordinal);
        situation.WithNode("s1-0", n => n with { Peers = [] });
        var assign = Assert.Single(situation.Plan().Steps.OfType<PlanStep.AssignSlots>());
        Assert.Equal(("s0-0", true), (assign.Node.Pod, assign.NewEpoch));
    }

    /// <summary>A replica was cut off when the slots of its master were moved away and then lost: it holds keys, and would take the slots back under a new epoch: seed 277879702.</summary>
    [Fact]
    public void Slots_that_nobody_owns_go_to_a_master_that_lives_and_not_to_a_replica_of_it()
    {
        var situation = Situation.Settled(1, 0).Owning("s0", "").Owning("s1", "").WithNode("s0-0", n => n with { Keys = 0 }).Seen("id-s0-0", p => p with { Slots = Situation.Slots("0-8191") }, by: "s0-1");
        Assert.Equal(["assign 8192 slots (0-8191) to s0-0", "assign 8192 slots (8192-16383) to s1-0"], situation.Steps());
    }

    [Fact]
    public void A_missing_StatefulSet_does_not_make_its_pods_gone()
    {
        var situation = Situation.Settled(0, 0).Removed("s0-0").WithoutStatefulSet("s0");
        Assert.Equal(["apply StatefulSet/s0"], situation.Steps());
        Assert.Equal([WaitReason.CopyAway], situation.Waits());
    }

    [Fact]
    public void Ids_that_cannot_return_are_forgotten_by_everyone() =>
        Assert.Equal(["make s0-0 forget id-s0-1", "make s1-0 forget id-s0-1"], Situation.Settled(1, 0).Removed("s0-1").Wanting(0, 0).Steps());

    [Fact]
    public void Ids_whose_pod_is_merely_away_are_kept() =>
        Assert.Empty(Situation.Settled(1, 0).Silent("s0-1", 10_000, down: true).Steps());

    [Fact]
    public void More_replicas_are_more_pods() => Assert.Equal(["scale shard s0 to 3 pods"], Situation.Settled(1, 0).Wanting(2, 0).Steps());

    [Fact]
    public void Fewer_replicas_are_fewer_pods()
    {
        var situation = Situation.Settled(2).Wanting(0);
        Assert.Equal(["scale shard s0 to 1 pods"], situation.Steps());
        Assert.Equal([WaitReason.PodLeaving], situation.Waits());
    }

    /// <summary>It was evicted a moment before, and those went to whom it handed over: seed 226482705. So it is named, for the last look.</summary>
    [Fact]
    public void Who_scales_a_shard_in_is_told_whose_heirs_go() =>
        Assert.Equal("s0-0", Assert.Single(Situation.Settled(2).Wanting(0).Plan().Steps.OfType<PlanStep.ScaleShard>()).Master);

    [Fact]
    public void The_mastership_leaves_before_its_pod_does()
    {
        var situation = MasterOnOrdinal1().Wanting(0);
        Assert.Equal(["promote s0-0 (graceful): shard s0: s0-1 is to be removed"], situation.Steps());
    }

    [Fact]
    public void No_pod_goes_while_no_replica_that_stays_is_in_sync()
    {
        foreach (var situation in new[]
        {
            MasterOnOrdinal1().Wanting(0).WithNode("s0-0", n => n with { LinkUp = false }),
            MasterOnOrdinal1().Wanting(0).WithNode("s0-1", n => n with { Offset = 2_000_000 }),
            MasterOnOrdinal1().Wanting(0).WithPod("s0-0", p => p with { Terminating = true }),
            Situation.Settled(2).Wanting(1).WithNode("s0-1", n => n with { LinkUp = false }),

            // Drained: its preStop hook may choose a pod that is to be removed.
            Situation.Settled(2).Wanting(1).WithPod("s0-0", p => p with { Terminating = true }),
        })
        {
            Assert.Empty(situation.Steps());
            Assert.Contains(WaitReason.NoSuccessor, situation.Waits());
        }
    }

    /// <summary>A former master came back from its disk before its successor: seed 1007402.</summary>
    [Theory]
    [InlineData(NodeRole.Replica, true)]
    [InlineData(NodeRole.Master, false)]
    public void A_silent_master_is_kept_while_who_owns_its_slots_has_not_heard_of_it(NodeRole seen, bool kept)
    {
        var situation = Situation.Settled(1).Wanting(0).WithPod("s0-0", p => p with { RoleLabel = null }).WithPod("s0-1", p => p with { RoleLabel = NodeRole.Master })
            .Silent("s0-1", 1000, down: true).Seen("id-s0-1", p => p with { Role = seen });
        Assert.Equal(!kept, situation.Plan().Steps.Any(s => s is PlanStep.ScaleShard));
        Assert.Equal(!kept, situation.Plan().Steps.Any(s => s is PlanStep.LabelPod { Pod: "s0-1" }));
    }

    [Fact]
    public void No_replica_is_removed_while_the_master_is_silent() =>
        Assert.Empty(Situation.Settled(1, 0).Wanting(0, 0).Silent("s0-0", 1, down: false).Steps());

    [Fact]
    public void An_old_master_that_has_not_heard_of_its_successor_is_not_believed()
    {
        // s0-0 was cut off while s0-1 was elected under a higher epoch; it still claims everything.
        var situation = MasterOnOrdinal1().WithNode("s0-0", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null, Slots = SlotSet.All, ConfigEpoch = 1 });
        Assert.Empty(situation.Steps());
        Assert.Equal(["shard s0: s0-0 has not yet heard that s0-1 is the master"], situation.Plan().Waits.Select(w => w.Message));
    }

    /// <summary>A replica that is scaled away and back within a minute is refused by everybody else under its old id, and could not succeed its master.</summary>
    [Theory]
    [InlineData("s0-1", true)]
    [InlineData("s0-0", false)]
    public void A_server_that_others_were_told_to_forget_a_moment_ago_takes_another_id(string pod, bool renews)
    {
        var situation = Situation.Settled(1, 1).WithPod(pod, p => p with { Forgotten = true });
        Assert.Equal(renews ? [$"make an empty master of {pod}, which came back so soon that the others still refuse the id it had"] : [], situation.Steps());
        Assert.Empty(situation.Silent("s1-0", 3, down: false).Plan().Steps.OfType<PlanStep.Detach>());
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(3, false)]
    public void A_master_that_others_were_told_to_forget_takes_another_id_when_it_holds_nothing(int keys, bool renews)
    {
        var situation = Situation.Settled(1, 1).WithNode("s1-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null, Keys = keys }).WithPod("s1-1", p => p with { Forgotten = true });
        Assert.Equal(renews, situation.Plan().Steps.OfType<PlanStep.Detach>().Any(d => d is { Renew: true, MasterId: null }));
    }

    /// <summary>Its epochs are higher than those of the cluster that was formed anew: the masters of that would give up their slots to ids that will never answer.</summary>
    [Fact]
    public void A_replica_that_outlived_its_cluster_is_not_believed_and_starts_anew()
    {
        var situation = ComeBackFromAnotherCluster();
        Assert.Equal(["make an empty master of s1-1, which came back from its disk with the table of a cluster that is no more"], situation.Steps(introductions: true));
        Assert.Equal(["shard s1: s1-1 is to forget a cluster that is no more"], situation.Plan().Waits.Select(w => w.Message));
    }

    /// <summary>Where its cluster may be the one that is: it holds keys, one of those it remembers may return, an owner lists it, or some slots have no owner that answers.</summary>
    [Theory]
    [InlineData("keys")]
    [InlineData("may return")]
    [InlineData("listed")]
    [InlineData("silent owner")]
    public void A_replica_that_may_be_needed_is_believed(string what)
    {
        var situation = ComeBackFromAnotherCluster();
        situation = what switch
        {
            "keys" => situation.WithNode("s1-1", n => n with { Keys = 1 }),
            "may return" => situation.Seen("old-s0-0", p => p with { Pod = new PodIdentity("s0-1", "s0", 1) }).Silent("s0-1", 3, down: false),
            "listed" => situation.WithNode("s0-0", n => n with { Peers = [.. n.Peers, situation.Node("s1-0").Peer("id-s0-1")! with { Id = "old-s1-1" }] }),
            _ => situation.Seen("old-s1-0", p => p with { Slots = SlotSet.Empty }).Silent("s1-0", 3, down: false),
        };
        Assert.Empty(situation.Plan().Steps.OfType<PlanStep.Detach>());
    }

    /// <summary>The pod s1-1 answers with the id and the table that it had in another cluster of the same pods, whose ids are all others now; nobody knows it.</summary>
    private static Situation ComeBackFromAnotherCluster()
    {
        var situation = Situation.Settled(1, 1);
        var peers = situation.Node("s1-1").Peers.Select(p => p with { Id = $"old{p.Id[2..]}", MasterId = p.MasterId is null ? null : $"old{p.MasterId[2..]}", ConfigEpoch = 50 });
        foreach (var other in (string[])["s0-0", "s0-1", "s1-0"])
            situation.WithNode(other, n => n with { Peers = [.. n.Peers.Where(p => p.Id != "id-s1-1")] });
        return situation.WithPod("s1-1", p => p with { RoleLabel = null })
            .WithNode("s1-1", n => n with { Id = "old-s1-1", MasterId = "old-s1-0", LinkUp = false, Keys = 0, Offset = 0, Peers = [.. peers] });
    }

    [Fact]
    public void Roles_are_labelled()
    {
        var situation = MasterOnOrdinal1().WithPod("s0-0", p => p with { RoleLabel = NodeRole.Master }).WithPod("s0-1", p => p with { RoleLabel = null });
        Assert.Equal(["label s0-0 replica", "label s0-1 master"], situation.Plan().Steps.Select(s => s.Summary));
    }

    [Fact]
    public void A_cluster_that_says_it_is_not_ok_is_not_settled() =>
        Assert.Equal([WaitReason.ClusterNotOk], Situation.Settled(0).WithNode("s0-0", n => n with { ClusterOk = false }).Waits());

    [Fact]
    public void With_no_server_answering_only_kubernetes_is_looked_after()
    {
        var plan = Situation.Settled(0).Silent("s0-0", 5, down: true).Plan();
        Assert.Empty(plan.Steps);
        Assert.Equal([WaitReason.PodNotReady], plan.Waits.Select(w => w.Reason));
    }

    private static Situation MasterOnOrdinal1()
    {
        var situation = Situation.Settled(1)
            .WithNode("s0-0", n => n with { Role = NodeRole.Replica, MasterId = "id-s0-1", MasterHost = "ip-s0-1", Slots = SlotSet.Empty, ConfigEpoch = 5 })
            .WithNode("s0-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null, Slots = SlotSet.All, ConfigEpoch = 5 })
            .Seen("id-s0-0", p => p with { Role = NodeRole.Replica, MasterId = "id-s0-1", Slots = SlotSet.Empty, ConfigEpoch = 5 })
            .Seen("id-s0-1", p => p with { Role = NodeRole.Master, MasterId = null, Slots = SlotSet.All, ConfigEpoch = 5 });
        return situation.WithPod("s0-0", p => p with { RoleLabel = NodeRole.Replica }).WithPod("s0-1", p => p with { RoleLabel = NodeRole.Master });
    }
}
