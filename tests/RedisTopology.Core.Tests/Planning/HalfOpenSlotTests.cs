using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>The recovery table: what is found of a slot that was left half-way, and what is done about it.</summary>
public sealed class HalfOpenSlotTests
{
    private const string Finish = "move 1 slots (5) from s0-0 to s1-0";

    [Fact]
    public void A_slot_open_at_both_ends_goes_on_before_anything_else()
    {
        var situation = Wanted().Migrating("s0-0", 5, to: "s1-0").Importing("s1-0", 5, from: "s0-0");
        Assert.Equal(["move 8191 slots (1-8191) from s0-0 to s1-0"], situation.Steps());
    }

    [Fact]
    public void What_the_target_has_begun_is_finished_although_more_cannot_be_sent() => Assert.Equal(
        [Finish, "make s1-1 a replica of s1-0"],
        Wanted(replicas: 1).WithNode("s1-1", n => n with { MasterHost = "elsewhere" }).Migrating("s0-0", 5, to: "s1-0").Importing("s1-0", 5, from: "s0-0").Steps());

    [Fact]
    public void Importing_alone_is_armed_again() => Assert.Equal([Finish], Unwanted().Importing("s1-0", 5, from: "s0-0").Steps());

    [Fact]
    public void Migrating_alone_is_armed_again() => Assert.Equal([Finish], Unwanted().Migrating("s0-0", 5, to: "s1-0").Steps());

    [Fact]
    public void A_slot_that_is_no_longer_wanted_there_is_finished_first_and_moved_back_after()
    {
        var situation = Unwanted().Migrating("s0-0", 5, to: "s1-0").Importing("s1-0", 5, from: "s0-0");
        Assert.Equal([Finish], situation.Steps());
        Assert.Contains("shard s1: slots 5 are half-way from s0 and are finished first", situation.Plan().Waits.Select(w => w.Message));
        Assert.Equal(["move 1 slots (5) from s1-0 to s0-0"], Situation.Settled(0, 0).Owning("s0", "0-4,6-8191").Owning("s1", "5,8192-16383").Steps());
    }

    [Fact]
    public void After_a_failover_of_the_source_its_new_master_is_armed() => Assert.Equal(
        ["move 1 slots (5) from s0-1 to s1-0"],
        Situation.Settled(1, 0).Migrating("s0-0", 5, to: "s1-0").Importing("s1-0", 5, from: "s0-0").FailedOver("s0").Steps());

    [Fact]
    public void After_a_failover_of_the_target_its_new_master_is_armed() => Assert.Equal(
        ["move 1 slots (5) from s0-0 to s1-1"],
        Situation.Settled(0, 1).Migrating("s0-0", 5, to: "s1-0").Importing("s1-0", 5, from: "s0-0").FailedOver("s1").Steps());

    [Fact]
    public void A_dead_target_is_waited_for_until_its_shard_has_a_master_again()
    {
        var situation = Situation.Settled(0, 1, 0).Migrating("s0-0", 5, to: "s1-0").Silent("s1-0", 1, down: true);
        Assert.Empty(situation.Moves());
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.CloseSlot or PlanStep.Forget);
        Assert.Contains("shard s1: slot 5 is half-way from s0 and goes on once s1 has a master that s0-0 knows", situation.Plan().Waits.Select(w => w.Message));
    }

    [Fact]
    public void A_dead_target_without_slots_is_succeeded_by_the_replica_that_has_what_came()
    {
        var situation = Situation.Settled(0, 1).Owning("s0", "0-16383").Owning("s1", "").Migrating("s0-0", 5, to: "s1-0").Replaced("s1-0");
        Assert.Equal(["promote s1-1 (takeover): shard s1: master s1-0 is down and no election replaces one without slots"], situation.Steps());
    }

    [Fact]
    public void A_mark_for_a_shard_of_which_nothing_is_left_is_taken_away() =>
        Assert.Equal("close slot 5 on s0-0", Situation.Settled(0, 0).Marked("s0-0", 5, importing: false, "id-gone").Steps()[0]);

    [Fact]
    public void A_source_that_has_not_heard_that_the_slot_has_left_is_told() => Assert.Equal(
        "close slot 5 on s0-0 as owned by id-s1-0",
        Situation.Settled(0, 0).Owning("s0", "0-4,6-8191").Owning("s1", "5,8192-16383").Migrating("s0-0", 5, to: "s1-0").Steps()[0]);

    [Fact]
    public void The_higher_epoch_decides_between_two_owners() => Assert.Equal(
        "close slot 5 on s0-0 as owned by id-s1-0",
        Unwanted().Migrating("s0-0", 5, to: "s1-0").WithNode("s1-0", n => n with { Slots = Situation.Slots("5,8192-16383"), ConfigEpoch = 30 }).Steps()[0]);

    [Fact]
    public void The_mark_of_a_server_that_was_succeeded_is_taken_away()
    {
        var situation = Situation.Settled(0, 1).FailedOver("s1").WithNode("s1-0", n => n with { Role = NodeRole.Master, MasterId = null, MasterHost = null }).Importing("s1-0", 5, from: "s0-0");
        Assert.Equal("close slot 5 on s1-0", situation.Steps()[0]);
    }

    [Fact]
    public void The_marks_of_a_replica_mean_nothing() =>
        Assert.True(Situation.Settled(1, 1).Importing("s1-1", 5, from: "s0-0").Migrating("s0-1", 6, to: "s1-0").Plan().IsSettled);

    [Fact]
    public void When_every_copy_of_the_source_is_gone_the_target_keeps_what_came_and_only_then_the_source_is_forgotten()
    {
        var situation = Situation.Settled(0, 0, 0).Importing("s1-0", 5, from: "s0-0").Replaced("s0-0");
        Assert.Equal(["close slot 5 on s1-0 as owned by id-s1-0"], situation.Steps());
        situation.Owning("s1", "5,5461-10922").WithNode("s1-0", n => n with { OpenSlots = [], ConfigEpoch = 30 });
        Assert.Equal(2, situation.Plan().Steps.OfType<PlanStep.Forget>().Count(f => f.NodeId == "id-s0-0" && f.Lost.Equals(Situation.Slots("0-4,6-5460"))));
    }

    [Fact]
    public void A_node_that_a_mark_names_is_not_forgotten() => Assert.DoesNotContain(
        Situation.Settled(0, 1).Migrating("s0-0", 5, to: "s1-0").FailedOver("s1").Replaced("s1-0").Plan().Steps,
        s => s is PlanStep.Forget { On.Pod: "s0-0" });

    private static Situation Wanted(int replicas = 0) => Situation.Settled(0, replicas).Asking(("s0", "0-0", 0), ("s1", "1-16383", replicas));

    private static Situation Unwanted() => Situation.Settled(0, 0);
}
