using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>Shards that the spec no longer names, and shards that it names anew.</summary>
public sealed class SurplusShardTests
{
    /// <summary>
    /// A shard that was removed and is wanted again within a minute has an id that others refuse, and after a crash the operator does not know: slots went to it which it alone held to be its
    /// own (seed 861639474).
    /// </summary>
    [Theory]
    [InlineData("s0-0")]
    [InlineData("s1-0")]
    public void No_slots_go_to_a_master_that_another_one_does_not_know(string stranger)
    {
        var situation = Situation.Settled(0, 0, 0).Owning("s1", "5461-16383").Owning("s2", "");
        Assert.Contains(situation.Plan().Steps, s => s is PlanStep.MoveSlots { Target.Pod: "s2-0" });
        situation.WithNode(stranger, n => n with { Peers = n.Peers.RemoveAll(p => p.Id == "id-s2-0") });
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.MoveSlots { Target.Pod: "s2-0" });
    }

    /// <summary>One plan moved slots to a master and reset it (seeds 1001884 and 1033947: nobody owned them then).</summary>
    [Fact]
    public void No_slots_go_to_a_master_that_is_to_take_another_id()
    {
        var situation = Situation.Settled(0, 0, 0).Owning("s1", "5461-16383").Owning("s2", "").WithNode("s2-0", n => n with { Keys = 0 }).WithPod("s2-0", p => p with { Forgotten = true });
        Assert.Contains(situation.Plan().Steps, s => s is PlanStep.Detach { Replica.Pod: "s2-0" });
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.MoveSlots);
    }

    [Fact]
    public void The_slots_of_a_surplus_shard_leave_it_one_target_at_a_time()
    {
        var situation = Situation.Settled(1, 1, 1).Balanced(1, 1);
        Assert.Equal(["move 2731 slots (10923-13653) from s2-0 to s0-0"], situation.Steps());
        Assert.Contains("shard s2 is to be removed: 5461 slots are to leave first", situation.Plan().Waits.Select(w => w.Message));
    }

    [Fact]
    public void An_empty_surplus_shard_is_removed() => Assert.Equal(["remove shard s2"], Drained().Steps());

    [Fact]
    public void A_surplus_shard_that_is_removed_already_is_waited_for() => Assert.Equal([WaitReason.PodLeaving], Drained().WithoutStatefulSet("s2").Waits());

    [Fact]
    public void Keys_without_slots_keep_a_surplus_shard()
    {
        var situation = Drained().WithNode("s2-0", n => n with { Keys = 3 });
        Assert.Empty(situation.Steps());
        Assert.Contains("shard s2 is to be removed: s2-0 holds 3 keys although it owns no slots, and nobody is served from it: look at them, copy what is needed, then run FLUSHALL in it", situation.Plan().Waits.Select(w => w.Message));
    }

    /// <summary>An upgrade had got as far as the master: its replica of 7.0 did not understand that of 8.6 when slots had gone over at once, and kept their keys for ever.</summary>
    [Theory]
    [InlineData(0, true, true)]
    [InlineData(0, false, false)]
    [InlineData(3, true, false)]
    public void Keys_that_a_replica_in_sync_has_and_its_master_has_not_do_not_keep_a_surplus_shard(int keysOfMaster, bool linkUp, bool removed)
    {
        var situation = Drained().WithNode("s2-0", n => n with { Keys = keysOfMaster }).WithNode("s2-1", n => n with { Keys = 3, LinkUp = linkUp });
        Assert.Equal(removed, situation.Steps().Contains("remove shard s2"));
    }

    [Fact]
    public void A_surplus_shard_waits_until_everyone_has_heard_that_its_slots_have_left() =>
        Assert.Empty(Drained().Seen("id-s2-0", p => p with { Slots = Situation.Slots("16383") }, by: "s1-0").Steps());

    [Fact]
    public void A_surplus_shard_to_which_a_slot_is_half_way_is_not_removed() =>
        Assert.Equal(["move 1 slots (5) from s0-0 to s2-0"], Drained().Migrating("s0-0", 5, to: "s2-0").Steps());

    [Theory]
    [InlineData(1, true, true, true)]
    [InlineData(600, false, true, false)]
    [InlineData(60, false, false, true)]
    [InlineData(59, false, false, false)]
    public void A_silent_surplus_shard_without_slots_is_removed_when_it_is_down_or_never_was_part_of_the_cluster(int seconds, bool down, bool member, bool removed)
    {
        var situation = Drained().Silent("s2-0", seconds, down).Silent("s2-1", seconds, down);
        if (!member)
            situation.WithPod("s2-0", p => p with { RoleLabel = null }).WithPod("s2-1", p => p with { RoleLabel = null });
        Assert.Equal(removed, situation.Steps().Contains("remove shard s2"));
    }

    [Fact]
    public void A_dead_surplus_shard_with_slots_is_succeeded_first()
    {
        var situation = Situation.Settled(0, 1).Balanced(0).Silent("s1-0", 1, down: true);
        Assert.Equal(["promote s1-1 (takeover): shard s1: master s1-0 is down and no election can replace it"], situation.Steps());
    }

    /// <summary>A takeover takes all that the replica holds to be its master's.</summary>
    [Fact]
    public void A_replica_that_has_not_heard_who_owns_what_does_not_take_over()
    {
        var situation = Situation.Settled(1, 1).Silent("s0-0", 1, down: true);
        Assert.Equal(["promote s0-1 (takeover): shard s0: master s0-0 is down and no election can replace it"], situation.Steps());
        situation.Seen("id-s0-0", p => p with { Slots = Situation.Slots("0-8192") }, by: "s0-1");
        Assert.Empty(situation.Steps());
        Assert.Contains("shard s0: master s0-0 is down, and its replica s0-1 has not heard yet who owns which slots", situation.Plan().Waits.Select(w => w.Message));
    }

    [Fact]
    public void The_replicas_of_a_surplus_shard_follow_its_master_while_it_has_slots() => Assert.Contains(
        "make s2-1 a replica of s2-0",
        Situation.Settled(0, 0, 1).Balanced(0, 0).WithNode("s2-1", n => n with { MasterHost = "elsewhere" }).Steps());

    [Fact]
    public void A_shard_that_is_gone_is_forgotten() => Assert.Equal(
        ["make s0-0 forget id-s1-0"],
        Situation.Settled(0, 0).Owning("s0", "0-16383").Owning("s1", "").Balanced(0).Removed("s1-0").WithoutStatefulSet("s1").Steps());

    [Fact]
    public void The_first_pod_of_a_new_shard_is_its_master_before_it_has_slots()
    {
        var situation = New().WithNode("s1-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null })
            .WithPod("s1-0", p => p with { RoleLabel = null });
        Assert.Equal(["label s1-0 master", "label s1-1 without a role", "make s1-1 a replica of s1-0"], situation.Plan().Steps.Select(s => s.Summary));
    }

    [Fact]
    public void A_new_shard_receives_once_its_replica_follows() => Assert.Equal(["move 8192 slots (8192-16383) from s0-0 to s1-0"], New().Steps());

    [Theory]
    [InlineData(19, false)]
    [InlineData(31, true)]
    public void Another_pod_is_the_master_of_a_new_shard_when_its_first_does_not_start(int seconds, bool moves)
    {
        var situation = New().WithNode("s1-1", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null }).Seen("id-s1-1", p => p with { Role = NodeRole.Master, MasterId = null })
            .Silent("s1-0", seconds, down: true);
        Assert.Equal(moves ? ["s1-1"] : [], situation.Moves().Select(m => m.Target.Pod));
    }

    /// <summary>Redis 7.0 leaves a replica with its master when that becomes a replica of another shard's (seen in the simulation: two servers of one shard, none of them a master, and no way to become one).</summary>
    [Fact]
    public void A_new_shard_whose_pods_follow_another_shards_master_by_way_of_one_another_gets_a_master_of_its_own()
    {
        var situation = New().WithNode("s1-0", n => n with { Role = NodeRole.Replica, MasterId = "id-s0-0", MasterHost = "ip-s0-0" })
            .Seen("id-s1-0", p => p with { Role = NodeRole.Replica, MasterId = "id-s0-0" });
        Assert.Contains("make an empty master of s1-0, which follows a master of another shard", situation.Steps());

        // The other way round it is still the one that follows the stranger.
        situation = New().WithNode("s1-0", n => n with { Role = NodeRole.Replica, MasterId = "id-s1-1", MasterHost = "ip-s1-1" })
            .WithNode("s1-1", n => n with { MasterId = "id-s0-0", MasterHost = "ip-s0-0" });
        Assert.Contains("make an empty master of s1-1, which follows a master of another shard", situation.Steps());
    }

    /// <summary>A copy from before the shard's slots were moved away (seen in the simulation, seed 345448687): promoted, it would bring back what was deleted since.</summary>
    [Theory]
    [InlineData("", true)]
    [InlineData("an owner lists it", false)]
    [InlineData("a slot is on its way", false)]
    [InlineData("an owner does not answer", false)]
    public void A_copy_that_comes_back_to_a_shard_without_slots_is_emptied_where_its_keys_are_certainly_old(string but, bool emptied)
    {
        var situation = New().WithNode("s1-1", n => n with { Keys = 5 }).Silent("s1-0", 1, down: true);
        if (but != "an owner lists it")
            situation.WithNode("s0-0", n => n with { Peers = [.. n.Peers.Where(p => p.Id != "id-s1-1")] });
        if (but == "a slot is on its way")
            situation.Migrating("s0-0", 5, to: "s1-0");
        if (but == "an owner does not answer")
            situation.Silent("s0-0", 1, down: false);
        Assert.Contains(
            emptied ? "make an empty master of s1-1, which came back from its disk with keys that have long been moved" : "promote s1-1 (takeover): shard s1: master s1-0 is down and no election replaces one without slots",
            situation.Steps());
    }

    private static Situation Drained() => Situation.Settled(1, 1, 1).Owning("s0", "0-5460,10923-13653").Owning("s1", "5461-10922,13654-16383").Owning("s2", "")
        .WithNode("s2-0", n => n with { Keys = 0 }).WithNode("s2-1", n => n with { Keys = 0 }).Balanced(1, 1);

    private static Situation New() => Situation.Settled(0, 1).Owning("s0", "0-16383").Owning("s1", "")
        .WithNode("s1-0", n => n with { Keys = 0, ConfigEpoch = 0 }).WithNode("s1-1", n => n with { Keys = 0 }).Balanced(0, 1);
}
