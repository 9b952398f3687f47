using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>Slots on their way: which, from where, to where, how, and when not.</summary>
public sealed class MigrationTests
{
    private const string Low = "0-8191";
    private const string High = "8192-16383";

    [Fact]
    public void Slots_go_to_the_shard_the_spec_names_for_them()
    {
        var situation = Situation.Settled(1, 1).Asking(("s0", "0-99", 1), ("s1", "100-16383", 1));
        Assert.Equal(["move 8092 slots (100-8191) from s0-0 to s1-0"], situation.Steps());
        Assert.Equal("shard s1: 8092 slots are on their way from s0", Assert.Single(situation.Plan().Waits).Message);
    }

    [Fact]
    public void Every_source_hands_over_to_one_target_at_a_time_and_targets_are_shared_out()
    {
        var situation = Situation.Settled(0, 0, 0, 0).Owning("s0", Low).Owning("s1", High).Owning("s2", "").Owning("s3", "")
            .Asking(("s0", "0-99", 0), ("s1", "8192-8291", 0), ("s2", "100-4000,8292-9000", 0), ("s3", "4001-8191,9001-16383", 0));
        Assert.Equal(["move 3901 slots (100-4000) from s0-0 to s2-0", "move 7383 slots (9001-16383) from s1-0 to s3-0"], situation.Steps());
    }

    [Theory]
    [InlineData(200, 100, "move 8192 slots (0-8191) from s0-0 to s1-0")]
    [InlineData(100, 200, "move 8192 slots (8192-16383) from s1-0 to s0-0")]
    public void Nobody_sends_and_receives_at_once_and_the_fuller_of_two_sends_first(int used0, int used1, string step)
    {
        var situation = Situation.Settled(0, 0).WithNode("s0-0", n => n with { UsedMemory = used0 }).WithNode("s1-0", n => n with { UsedMemory = used1 })
            .Asking(("s0", High, 0), ("s1", Low, 0));
        Assert.Equal([step], situation.Steps());
    }

    [Fact]
    public void A_chain_is_worked_off_link_by_link()
    {
        var situation = Situation.Settled(0, 0, 0).Owning("s0", "0-99").Owning("s1", "100-199").Owning("s2", "200-16383")
            .WithNode("s1-0", n => n with { UsedMemory = 100 }).Asking(("s0", "200-16383", 0), ("s1", "0-99", 0), ("s2", "100-199", 0));
        Assert.Equal(["move 100 slots (100-199) from s1-0 to s2-0"], situation.Steps());
    }

    [Fact]
    public void An_unrelated_pod_that_is_away_holds_nothing_up()
    {
        var situation = Situation.Settled(1, 1, 1).Silent("s2-1", 5, down: true).Silent("s0-1", 5, down: true).Asking(("s0", "0-99", 1), ("s1", "100-10922", 1), ("s2", "10923-16383", 1));
        Assert.Single(situation.Moves());
    }

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, true)]
    public void A_replica_of_the_target_that_does_not_start_is_waited_for_only_so_long(int seconds, bool moves)
    {
        var situation = Situation.Settled(0, 1).Silent("s1-1", seconds, down: true).Asking(("s0", "0-99", 0), ("s1", "100-16383", 1));
        Assert.Equal(moves, situation.Moves().Any());
    }

    [Fact]
    public void Nothing_is_sent_to_a_master_whose_replica_is_still_copying()
    {
        var situation = Situation.Settled(0, 1).WithNode("s1-1", n => n with { LinkUp = false }).Asking(("s0", "0-99", 0), ("s1", "100-16383", 1));
        Assert.Empty(situation.Moves());
        Assert.Contains("shard s1: slots of s0 come once s1-1 follows s1-0", situation.Plan().Waits.Select(w => w.Message));
    }

    [Fact]
    public void Nothing_is_sent_from_or_to_a_pod_that_is_being_deleted()
    {
        Assert.Empty(Moving().WithPod("s0-0", p => p with { Terminating = true }).Moves());
        Assert.Empty(Moving().WithPod("s1-0", p => p with { Terminating = true }).Moves());
    }

    /// <summary>A master with nothing in it is scaled away without a successor, and the cache may show that late: slots that came in between went with it (found by the simulation).</summary>
    [Theory]
    [InlineData(1, false, true)]
    [InlineData(0, false, false)]
    [InlineData(1, true, false)]
    [InlineData(0, true, false)]
    public void Nothing_is_sent_to_an_empty_master_that_is_to_be_removed(int replicas, bool scaledIn, bool moves)
    {
        var situation = Situation.Settled(0, 1).Owning("s0", "0-16383").Owning("s1", "").FailedOver("s1").WithNode("s1-1", n => n with { Keys = 0 })
            .WithPod("s1-0", p => p with { Terminating = true }).Asking(("s0", Low, 0), ("s1", High, replicas));
        if (scaledIn)
            situation.ScaledIn("s1");
        Assert.Equal(moves, situation.Moves().Any());
    }

    [Fact]
    public void Nothing_is_sent_between_masters_that_hold_each_other_failed() =>
        Assert.Empty(Moving().Seen("id-s0-0", p => p with { Health = PeerHealth.Failed }, by: "s1-0").Moves());

    [Theory]
    [InlineData(899, true, true)]
    [InlineData(900, true, false)]
    [InlineData(900, false, true)]
    public void A_target_without_memory_is_not_filled_unless_it_may_evict(int used, bool noEviction, bool moves)
    {
        var situation = Moving().WithNode("s1-0", n => n with { MaxMemory = 1000, UsedMemory = used });
        if (noEviction)
            situation.NoEviction();
        Assert.Equal(moves, situation.Moves().Any());
        Assert.Equal(!moves, situation.Waits().Contains(WaitReason.TargetFull));
    }

    [Fact]
    public void Slots_that_cannot_be_moved_are_named_and_the_others_go()
    {
        var situation = Moving().Also(o => o with { BlockedSlots = o.BlockedSlots.Add(200, "slot 200 holds a list of 80 MiB") });
        Assert.Equal(["move 8091 slots (100-199,201-8191) from s0-0 to s1-0"], situation.Steps());
        Assert.Contains("shard s1: slot 200 holds a list of 80 MiB", situation.Plan().Waits.Select(w => w.Message));
    }

    [Theory]
    [InlineData(SlotMigration.FromSource)]
    [InlineData(SlotMigration.ToTarget)]
    public void Servers_that_can_hand_over_atomically_do_in_bounded_parts(SlotMigration way)
    {
        var move = Assert.Single(Moving().Way(way).Moves());
        Assert.Equal((way, "100-611"), (move.Way, move.Slots.ToString()));
    }

    [Fact]
    public void Servers_of_two_kinds_hand_over_key_by_key() =>
        Assert.Equal(SlotMigration.Keys, Assert.Single(Moving().Way(SlotMigration.ToTarget).WithNode("s1-0", n => n with { Migration = SlotMigration.FromSource }).Moves()).Way);

    [Theory]
    [InlineData("8.6.3", "7.0.15", false)]
    [InlineData("7.0.15", "8.6.3", true)]
    [InlineData("7.0.15", "7.0.4", true)]
    [InlineData("8.6.3", null, true)]
    public void Nothing_is_sent_to_a_server_of_an_older_version(string source, string? target, bool moves)
    {
        var situation = Versions(Moving(), source, target);
        Assert.Equal(moves, situation.Moves().Any());
        if (!moves)
            Assert.Contains("shard s1: slots of s0 come once s1-0 (7.0.15), which cannot read the keys of s0-0 (8.6.3), is as new", situation.Plan().Waits.Select(w => w.Message));
    }

    /// <summary>The version was taken back, and the master had been replaced already.</summary>
    [Fact]
    public void A_replica_that_is_older_than_its_master_is_told_of()
    {
        var situation = Situation.Settled(1).WithNode("s0-0", n => n with { Version = new Version(8, 6, 3) }).WithNode("s0-1", n => n with { Version = new Version(7, 0, 15), LinkUp = false });
        Assert.Equal("shard s0: s0-1 is synchronising with s0-0, in vain: version 7.0.15 reads no copy of version 8.6.3; set spec.engine.version to that one or a newer one", Assert.Single(situation.Plan().Waits).Message);
    }

    /// <summary>Both ends are armed all the same: until then a source that has taken over answers that keys which have gone do not exist. What the target is replaced for goes on meanwhile.</summary>
    [Fact]
    public void A_slot_half_way_to_an_older_version_is_armed_and_holds_up_no_roll()
    {
        var situation = Versions(Situation.Settled(1, 1).Asking(("s0", "0-99", 1), ("s1", "100-16383", 1)).Importing("s1-0", 200, "s0-0"), "8.6.3", "7.0.15").Outdated("s1-0", "s1-1");
        Assert.Equal(["move 1 slots (200) from s0-0 to s1-0", "replace s1-1: it runs another image"], situation.Steps());
        Assert.True(Assert.Single(situation.Moves()).KeysWait);
        Assert.False(Assert.Single(Versions(situation, "8.6.3", "8.6.3").Moves()).KeysWait);
    }

    [Fact]
    public void A_wanted_job_is_waited_for_and_nothing_else_begins_at_its_source()
    {
        var situation = WithJob(Moving(), "100-611");
        Assert.Empty(situation.Steps());
        Assert.Contains("shard s1: 512 slots are being copied from s0 at once", situation.Plan().Waits.Select(w => w.Message));
    }

    [Fact]
    public void An_unwanted_job_is_cancelled() => Assert.Equal(["cancel slot migration job on s0-0"], WithJob(Situation.Settled(0, 0), "100-611").Steps());

    [Fact]
    public void A_master_is_not_changed_while_a_slot_of_it_is_on_its_way()
    {
        var situation = Situation.Settled(1, 0).FailedOver("s0").Wanting(0, 0);
        Assert.Equal(["promote s0-0 (graceful): shard s0: s0-1 is to be removed"], situation.Steps());
        situation.Migrating("s0-1", 5, to: "s1-0").Importing("s1-0", 5, from: "s0-1");
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.Failover or PlanStep.ScaleShard);
    }

    private static Situation Versions(Situation situation, string source, string? target) => situation
        .WithNode("s0-0", n => n with { Version = Version.Parse(source) }).WithNode("s1-0", n => n with { Version = target is null ? null : Version.Parse(target) });

    private static Situation Moving() => Situation.Settled(0, 0).Asking(("s0", "0-99", 0), ("s1", "100-16383", 0));

    private static Situation WithJob(Situation situation, string slots)
    {
        var job = new SlotMigrationJob("job", "id-s0-0", "id-s1-0", Situation.Slots(slots));
        foreach (var pod in new[] { "s0-0", "s1-0" })
            situation.WithNode(pod, n => n with { Jobs = [job] });
        return situation.Way(SlotMigration.FromSource);
    }
}
