using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>Pods that must be replaced: which one, when, and what stops it.</summary>
public sealed class RollTests
{
    private const string Replace = "runs another image";

    [Fact]
    public void Replicas_go_first_one_in_each_shard() =>
        Assert.Equal([$"replace s0-1: it {Replace}", $"replace s1-1: it {Replace}"], Situation.Settled(2, 1).Outdated("s0-0", "s0-1", "s1-0", "s1-1").Steps());

    [Fact]
    public void One_pod_of_the_whole_cluster_is_tried_before_all_others()
    {
        var situation = Situation.Settled(1, 1).Outdated();
        Assert.Equal([$"replace s0-1: it {Replace}"], situation.Steps());
        Assert.Equal(["shard s0: 0 of 2 pods are up to date", "shard s1: 0 of 2 pods are up to date; s0-1 is tried first"], Messages(situation));

        // On its way out, and back: the others wait until it is ready and in sync.
        foreach (var waits in new[]
        {
            Outdated().WithPod("s0-1", p => p with { Terminating = true }),
            Outdated().UpToDate("s0-1").Silent("s0-1", 300, down: true),
            Outdated().UpToDate("s0-1").Silent("s0-1", 300, down: false),
            Outdated().UpToDate("s0-1").WithPod("s0-1", p => p with { Healthy = false }),
            Outdated().UpToDate("s0-1").WithNode("s0-1", n => n with { Loading = true }),
            Outdated().UpToDate("s0-1").WithNode("s0-1", n => n with { LinkUp = false }),
        })
        {
            Assert.DoesNotContain(waits.Plan().Steps, s => s is PlanStep.RestartPod or PlanStep.Failover);
            Assert.Contains("shard s1: 0 of 2 pods are up to date; s0-1 is tried first", Messages(waits));
        }

        var missing = Outdated().Missing("s0-1");
        Assert.DoesNotContain(missing.Plan().Steps, s => s is PlanStep.RestartPod);
        Assert.Contains("shard s1: 0 of 2 pods are up to date; pod 1 of shard s0 is tried first", Messages(missing));

        Assert.Equal([$"replace s1-1: it {Replace}"], Outdated().UpToDate("s0-1").Steps());

        static Situation Outdated() => Situation.Settled(1, 1).Outdated();
    }

    /// <summary>In a pod that a good spec replaces after a bad one, at once or as soon as it is known never to have been part of the cluster.</summary>
    [Fact]
    public void The_pod_that_a_bad_spec_left_behind_is_tried_first_again()
    {
        Assert.Equal([$"replace s1-1: it {Replace} and does not run"], Situation.Settled(1, 1).Outdated().Silent("s1-1", 5, down: true).Steps());
        var silent = Situation.Settled(1, 1).Outdated().Silent("s1-1", 5, down: false).WithPod("s1-1", p => p with { RoleLabel = null, Healthy = false });
        Assert.Empty(silent.Steps());
        Assert.Contains("shard s0: 0 of 2 pods are up to date; s1-1 is tried first", Messages(silent));
    }

    [Fact]
    public void A_pod_that_answers_and_does_not_serve_is_tried_before_one_that_does() =>
        Assert.Equal([$"replace s1-1: it {Replace}"], Situation.Settled(1, 1).Outdated().WithNode("s1-1", n => n with { LinkUp = false }).Steps());

    [Fact]
    public void A_shard_that_cannot_be_touched_leaves_the_first_try_to_the_next()
    {
        Assert.Equal([$"replace s1-1: it {Replace}"], Situation.Settled(1, 1).Outdated().WithNode("s0-0", n => n with { Jobs = [new SlotMigrationJob("j", "x", "y", SlotSet.All)] }).Steps());
        Assert.Equal([$"replace s1-1: it {Replace}"], Situation.Settled(1, 1).Outdated().Silent("s0-1", 1000, down: false).Steps());

        // On a lost machine whatever happens may take for ever.
        Assert.Equal([$"replace s1-1: it {Replace}"], Situation.Settled(1, 1).Outdated().Silent("s0-1", 1000, down: true).WithPod("s0-1", p => p with { OnLostNode = true, Terminating = true }).Steps());
    }

    /// <summary>It costs nothing that is there, so it comes before a replica of another shard; without a place for it that one is tried.</summary>
    [Fact]
    public void A_temporary_replica_is_tried_first()
    {
        var situation = Situation.Settled(0, 1).Outdated();
        Assert.Equal(["scale shard s0 to 2 pods"], situation.Steps());
        Assert.Contains("shard s1: 0 of 2 pods are up to date; pod 1 of shard s0 is tried first", Messages(situation));
        situation.Extra("s0", live: false).WithPod("s0-1", p => p with { Unschedulable = true, ConfirmedDown = true, SilentFor = TimeSpan.FromSeconds(119) });
        Assert.Empty(situation.Steps());
        Assert.Equal([$"replace s1-1: it {Replace}"], situation.WithPod("s0-1", p => p with { SilentFor = TimeSpan.FromSeconds(120) }).Steps());
        Assert.Equal([$"promote s0-1 (graceful): shard s0: s0-0 is to be replaced, it {Replace}"], Situation.Settled(0).Outdated().Extra("s0", live: true).Steps());
        Assert.Equal([$"replace s1-1: it {Replace}"], Situation.Settled(0, 1).Outdated().Extra("s0", live: true).Steps());
    }

    /// <summary>A pod that is as it should be but for its size has shown nothing, and need not be waited for either.</summary>
    [Fact]
    public void A_size_is_tried_first_as_well()
    {
        var situation = Situation.Settled(1, 1);
        foreach (var pod in (string[])["s0-0", "s0-1", "s1-0", "s1-1"])
            situation.WithPod(pod, p => p with { Size = PodSize.CannotResize });
        Assert.Equal(["replace s0-1: it cannot be resized in place"], situation.Steps());
        Assert.Equal(["resize s1-1 in place", "replace s0-1: it cannot be resized in place"], situation.WithPod("s1-0", p => p with { Size = PodSize.Differs }).WithPod("s1-1", p => p with { Size = PodSize.Differs }).Steps());
    }

    [Fact]
    public void How_far_it_is_can_be_read()
    {
        var waits = Situation.Settled(2, 1).Outdated("s0-0", "s0-1").Plan().Waits;
        Assert.Equal("shard s0: 1 of 3 pods are up to date", Assert.Single(waits).Message);
        Assert.Equal(WaitReason.Rolling, waits[0].Reason);
    }

    [Fact]
    public void Then_the_masters_hand_over_one_in_the_cluster()
    {
        var situation = Situation.Settled(1, 1).Outdated("s0-0", "s1-0");
        Assert.Equal([$"promote s0-1 (graceful): shard s0: s0-0 is to be replaced, it {Replace}"], situation.Steps());
        Assert.Contains("shard s1: 1 of 2 pods are up to date; another master is being replaced", Messages(situation));
    }

    [Fact]
    public void The_old_master_is_replaced_as_a_replica_before_the_next_master_hands_over()
    {
        var situation = Situation.Settled(1, 1).Outdated("s0-0", "s1-0").FailedOver("s0", to: 1);
        Assert.Equal([$"replace s0-0: it {Replace}"], situation.Steps());
        Assert.Contains("shard s1: 1 of 2 pods are up to date; masters wait for shard s0: s0-0 is to be replaced", Messages(situation));
        Assert.Empty(situation.WithPod("s0-0", p => p with { Terminating = true }).Steps());
        Assert.Contains("shard s1: 1 of 2 pods are up to date; masters wait for shard s0: s0-0 is being deleted", Messages(situation));
        situation.WithPod("s0-0", p => p with { Terminating = false }).UpToDate("s0-0").WithNode("s0-0", n => n with { LinkUp = false });
        Assert.Empty(situation.Steps());
        situation.WithNode("s0-0", n => n with { LinkUp = true });
        Assert.StartsWith("promote s1-1", Assert.Single(situation.Steps()), StringComparison.Ordinal);
    }

    [Fact]
    public void Masters_wait_until_the_replicas_of_every_shard_are_done() =>
        Assert.Equal([$"replace s1-1: it {Replace}"], Situation.Settled(1, 1).Outdated("s0-0", "s1-0", "s1-1").Steps());

    [Fact]
    public void The_replica_that_is_furthest_takes_over_and_of_equals_always_the_same()
    {
        Assert.StartsWith("promote s0-1", Heir(1_000_000, 999_000), StringComparison.Ordinal);
        Assert.StartsWith("promote s0-1", Heir(999_000, 1_000_000), StringComparison.Ordinal);
        Assert.StartsWith("promote s0-2", Heir(500_000, 1_000_000), StringComparison.Ordinal);

        static string Heir(long first, long second) => Assert.Single(Situation.Settled(2).Outdated("s0-0")
            .WithNode("s0-0", n => n with { Offset = 1_000_000 }).WithNode("s0-1", n => n with { Offset = first }).WithNode("s0-2", n => n with { Offset = second }).Steps());
    }

    [Fact]
    public void A_replica_that_has_not_heard_of_all_its_masters_slots_does_not_take_over()
    {
        var situation = Situation.Settled(1).Outdated("s0-0").Seen("id-s0-0", p => p with { Slots = SlotSet.Of(new SlotRange(0, 5)) }, by: "s0-1");
        Assert.Empty(situation.Steps());
        Assert.Contains("shard s0: 1 of 2 pods are up to date; no replica can take over", Messages(situation));
    }

    [Fact]
    public void A_replica_that_one_of_the_masters_does_not_know_as_such_does_not_take_over()
    {
        foreach (var voter in new[] { "s0-0", "s1-0" })
        {
            var situation = Situation.Settled(1, 1).Outdated("s0-0").Seen("id-s0-1", p => p with { Role = NodeRole.Master, MasterId = null }, by: voter);
            Assert.Empty(situation.Steps());
            Assert.Contains("shard s0: 1 of 2 pods are up to date; no replica can take over", Messages(situation));
        }

        // A replica does not vote.
        Assert.Single(Situation.Settled(1, 1).Outdated("s0-0").Seen("id-s0-1", p => p with { Role = NodeRole.Master, MasterId = null }, by: "s1-1").Steps());
    }

    [Fact]
    public void A_shard_that_is_not_whole_is_left_alone()
    {
        foreach (var (situation, why) in new (Situation, string)[]
        {
            (Situation.Settled(2).Outdated("s0-0", "s0-2").WithNode("s0-1", n => n with { LinkUp = false }), "s0-1 is not in sync with s0-0"),
            (Situation.Settled(2).Outdated("s0-0", "s0-2").WithNode("s0-0", n => n with { Offset = 3_000_000 }).WithNode("s0-2", n => n with { Offset = 3_000_000 }), "s0-1 is not in sync with s0-0"),
            (Situation.Settled(2).Outdated("s0-0", "s0-2").WithPod("s0-1", p => p with { Terminating = true }), "s0-1 is being deleted"),
            (Situation.Settled(2).Outdated("s0-0", "s0-2").Silent("s0-1", 5, down: true), "s0-1 does not answer"),
            (Situation.Settled(2).Outdated("s0-0", "s0-2").Missing("s0-1"), "pod 1 does not exist yet"),
            (Situation.Settled(2).Outdated("s0-0", "s0-2").WithNode("s0-1", n => n with { Loading = true }), "s0-1 is loading its data"),
            (Situation.Settled(2).Outdated("s0-0", "s0-2").WithNode("s0-1", n => n with { ClusterOk = false }), "s0-1 says cluster_state:fail"),
            (Situation.Settled(2).Outdated("s0-0", "s0-2").WithNode("s0-1", n => n with { Jobs = [new SlotMigrationJob("j", "x", "y", SlotSet.All)] }), "slots of s0-1 are on their way"),
            (Situation.Settled(1, 1).Outdated("s0-0", "s0-1").Silent("s0-0", 5, down: false), "it has no master"),
        })
        {
            Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.RestartPod or PlanStep.Failover);
            Assert.Contains(Messages(situation), m => m.EndsWith($"pods are up to date; {why}", StringComparison.Ordinal));
        }
    }

    /// <summary>The disruption budget counts it until it is deleted: a drain could take the master, and the replica that is replaced would have been the last copy.</summary>
    [Fact]
    public void A_pod_that_is_being_scaled_away_goes_first()
    {
        var situation = Situation.Settled(1).Extra("s0", live: true).Outdated("s0-0", "s0-1");
        Assert.Equal(["scale shard s0 to 2 pods"], situation.Steps());
        Assert.Empty(situation.ScaledIn("s0").Steps());
        Assert.Contains("shard s0: 0 of 2 pods are up to date; s0-2 is to be removed first", Messages(situation));
    }

    [Fact]
    public void Copies_go_when_the_disruption_budget_lets_them()
    {
        Assert.True(Restart(Situation.Settled(2).Outdated()).WithinBudget);

        // One that is not ready may be what exhausts it.
        var situation = Situation.Settled(2).Outdated().WithPod("s0-1", p => p with { Healthy = false });
        Assert.Equal((false, true), (Restart(situation).WithinBudget, Restart(situation).WhileUnready));
        Assert.Equal("s0-1", Restart(situation).Pod);
        Assert.Empty(situation.UpToDate("s0-1").Steps());
        Assert.Contains("shard s0: 1 of 3 pods are up to date; s0-1 is not ready", Messages(situation));

        static PlanStep.RestartPod Restart(Situation situation) => Assert.IsType<PlanStep.RestartPod>(Assert.Single(situation.Plan().Steps));
    }

    [Fact]
    public void A_replica_that_fails_anywhere_stops_the_masters()
    {
        var situation = Situation.Settled(1, 1).Outdated("s0-0").WithNode("s1-1", n => n with { LinkUp = false });
        Assert.Empty(situation.Steps());
        Assert.Contains("shard s0: 1 of 2 pods are up to date; masters wait for shard s1: s1-1 is not in sync with s1-0", Messages(situation));
    }

    [Fact]
    public void Nothing_is_replaced_before_the_new_template_is_applied()
    {
        var situation = Situation.Settled(1, 0).Outdated().Stale("StatefulSet/c-s0").Silent("s0-1", 10, down: true);
        Assert.Equal(["apply StatefulSet/c-s0"], situation.Steps());
        Assert.Contains("shard s0: 0 of 2 pods are up to date; the objects that differ are to be applied first", Messages(situation));
    }

    /// <summary>Its slots leave from a server that runs: a good image repairs what a bad one did there as well.</summary>
    [Fact]
    public void Pods_of_a_shard_that_is_to_go_are_replaced_when_they_do_not_run()
    {
        var situation = Situation.Settled(0, 0).Balanced(0).Outdated("s1-0").Silent("s1-0", 5, down: true);
        Assert.Equal([$"replace s1-0: it {Replace} and does not run"], situation.Steps());
        Assert.Empty(situation.UpToDate("s1-0").Steps());

        // One that runs is left as it is.
        Assert.DoesNotContain(Situation.Settled(0, 0).Balanced(0).Outdated("s1-0").Plan().Steps, s => s is PlanStep.RestartPod);
    }

    [Fact]
    public void Pods_that_do_not_run_are_replaced_at_once_all_of_them()
    {
        var situation = Situation.Settled(1, 0).Outdated().Silent("s0-0", 1, down: true).Silent("s0-1", 1, down: true).Silent("s1-0", 1, down: true);
        Assert.Equal([$"replace s0-0: it {Replace} and does not run", $"replace s0-1: it {Replace} and does not run", $"replace s1-0: it {Replace} and does not run"], situation.Steps());
    }

    [Theory]
    [InlineData(29, false)]
    [InlineData(30, true)]
    public void A_pod_that_runs_something_else_and_never_was_part_of_the_cluster_is_replaced(int seconds, bool replaced)
    {
        var situation = Situation.Settled(1, 0).Outdated("s0-1").Silent("s0-1", seconds, down: false).WithPod("s0-1", p => p with { RoleLabel = null });
        Assert.Equal(replaced, situation.Steps().Contains($"replace s0-1: it {Replace} and does not run"));
    }

    [Fact]
    public void A_silent_container_is_spared()
    {
        Assert.Empty(Situation.Settled(1).Outdated().Silent("s0-1", 1000, down: false).Steps());

        // Down only because its Kubernetes node is not ready: the server may run on.
        Assert.DoesNotContain(Situation.Settled(1, 0).Outdated("s1-0").Silent("s1-0", 1000, down: true).WithPod("s1-0", p => p with { OnLostNode = true }).Plan().Steps, s => s is PlanStep.RestartPod);

        // A master that nobody has labelled yet, out of the operator's reach.
        Assert.DoesNotContain(Situation.Settled(1, 0).Outdated("s1-0").Silent("s1-0", 1000, down: false).WithPod("s1-0", p => p with { RoleLabel = null, Ready = true }).Plan().Steps, s => s is PlanStep.RestartPod);
    }

    [Fact]
    public void A_replica_that_cannot_follow_its_master_is_replaced_by_a_good_one()
    {
        var situation = Situation.Settled(2).Outdated("s0-1", "s0-2").WithNode("s0-1", n => n with { LinkUp = false });
        Assert.Equal([$"replace s0-1: it {Replace}"], situation.Steps());

        // Of two, the one that holds more is spared until the other is back.
        situation.WithNode("s0-2", n => n with { LinkUp = false, Offset = 500 });
        Assert.Equal([$"replace s0-2: it {Replace}"], situation.Steps());
        Assert.Equal([$"replace s0-1: it {Replace}"], situation.WithNode("s0-1", n => n with { Offset = 400 }).Steps());
        Assert.Empty(situation.WithPod("s0-2", p => p with { Terminating = true }).Steps());
    }

    [Fact]
    public void A_pod_that_became_up_to_date_again_is_left_alone() =>
        Assert.Equal([$"replace s0-1: it {Replace}"], Situation.Settled(2).Outdated("s0-1").Steps());

    [Fact]
    public void A_pod_that_is_to_go_is_not_replaced_first()
    {
        var situation = Situation.Settled(2).Outdated("s0-2").Wanting(1);
        Assert.Equal(["scale shard s0 to 2 pods"], situation.Steps());
        Assert.Equal(["scale shard s0 to 2 pods"], situation.Outdated("s0-1").Steps());
    }

    [Fact]
    public void A_shard_without_replicas_gets_one_first()
    {
        var situation = Situation.Settled(0, 0).Outdated();
        Assert.Equal(["scale shard s0 to 2 pods"], situation.Steps());
        Assert.Contains("shard s1: 0 of 1 pods are up to date; its temporary replica has to wait for another shard's", Messages(situation));

        situation.Extra("s0", live: true);
        Assert.Equal([$"promote s0-1 (graceful): shard s0: s0-0 is to be replaced, it {Replace}"], situation.Steps());

        situation.FailedOver("s0", to: 1);
        Assert.Equal([$"replace s0-0: it {Replace}"], situation.Steps());

        // The temporary pod stays until the mastership is back.
        Assert.DoesNotContain(situation.WithPod("s0-0", p => p with { Terminating = true }).Steps(), s => s.Contains("s0", StringComparison.Ordinal));
        situation.WithPod("s0-0", p => p with { Terminating = false }).UpToDate("s0-0");
        Assert.Contains("promote s0-0 (graceful): shard s0: s0-1 is to be removed", situation.Steps());
        situation.FailedOver("s0", to: 0);
        Assert.Contains("scale shard s0 to 1 pods", situation.Steps());
    }

    [Fact]
    public void A_temporary_pod_is_asked_for_with_the_new_template_only() =>
        Assert.Equal(["apply StatefulSet/c-s0"], Situation.Settled(0).Outdated().Stale("StatefulSet/c-s0").Steps());

    [Fact]
    public void A_temporary_pod_that_exists_is_kept_while_objects_are_applied() =>
        Assert.Equal(["apply ConfigMap/c"], Situation.Settled(0).Outdated().Extra("s0", live: true).Stale("ConfigMap/c").Steps());

    [Fact]
    public void A_temporary_pod_that_is_outdated_itself_is_not_replaced_once_it_is_no_longer_needed()
    {
        var situation = Situation.Settled(0).Extra("s0", live: true).FailedOver("s0", to: 1).Outdated("s0-1");
        Assert.Equal(["promote s0-0 (graceful): shard s0: s0-1 is to be removed"], situation.Steps());
    }

    [Fact]
    public void A_replica_that_the_spec_no_longer_wants_stands_in_as_it_is()
    {
        var situation = Situation.Settled(1).Outdated().Wanting(0);
        Assert.Equal([$"promote s0-1 (graceful): shard s0: s0-0 is to be replaced, it {Replace}"], situation.Steps());
        Assert.Equal([$"replace s0-1: it {Replace}"], situation.WithNode("s0-1", n => n with { LinkUp = false }).Steps());
    }

    /// <summary>It stayed because no replica that was to stay was in sync. The master went all the same, and it took over without what it lacked: seed 861645786.</summary>
    [Fact]
    public void Without_a_place_for_it_a_replica_that_was_to_be_removed_stands_in()
    {
        var situation = Situation.Settled(0, 1).Extra("s0", live: false).Extra("s0", live: true).Missing("s0-1", TimeSpan.FromSeconds(120)).Outdated("s0-0", "s0-2");
        Assert.Equal([$"promote s0-2 (graceful): shard s0: s0-0 is to be replaced, it {Replace}"], situation.Steps());
        Assert.Equal([$"replace s0-0: it {Replace}"], situation.FailedOver("s0", to: 2).Steps());
        Assert.Equal(["promote s0-0 (graceful): shard s0: s0-2 is to be removed"], situation.UpToDate("s0-0").Steps());
    }

    [Theory]
    [InlineData(119, false, false)]
    [InlineData(120, false, true)]
    [InlineData(120, true, true)]
    public void Without_a_place_for_it_the_data_are_given_up_unless_they_are_on_a_volume(int seconds, bool persists, bool replaced)
    {
        foreach (var situation in new[]
        {
            Situation.Settled(0, 1).Outdated("s0-0").Extra("s0", live: false).WithPod("s0-1", p => p with { Unschedulable = true, SilentFor = TimeSpan.FromSeconds(seconds), ConfirmedDown = true }),
            Situation.Settled(0, 1).Outdated("s0-0").Extra("s0", live: false).Missing("s0-1", TimeSpan.FromSeconds(seconds)),
        })
        {
            situation.With(d => d with { PersistsData = persists });
            var restart = situation.Plan().Steps.OfType<PlanStep.RestartPod>().SingleOrDefault();
            Assert.Equal(replaced, restart is not null);
            if (restart is not null)
                Assert.Equal(("s0-0", !persists, true), (restart.Pod, restart.LosesData, restart.WhileMaster));
            Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.ScaleShard);
        }
    }

    [Fact]
    public void A_temporary_pod_that_has_a_place_and_does_not_start_costs_nothing()
    {
        var situation = Situation.Settled(0).Outdated("s0-0").Extra("s0", live: false)
            .WithPod("s0-1", p => p with { SilentFor = TimeSpan.FromHours(1), ConfirmedDown = true, Trouble = "is not running: ErrImagePull" });
        Assert.Empty(situation.Steps());
        Assert.Equal(["shard s0: pod s0-1 is not running: ErrImagePull", "shard s0: 1 of 2 pods are up to date; s0-1 is not running"], Messages(situation));
        situation.UpToDate("s0-0");
        Assert.Equal(["scale shard s0 to 1 pods"], situation.Steps());
    }

    [Fact]
    public void A_pod_that_cannot_be_resized_is_replaced_the_same_way() =>
        Assert.Equal(["replace s0-1: it cannot be resized in place"], Situation.Settled(1).WithPod("s0-1", p => p with { Size = PodSize.CannotResize }).Steps());

    private static IEnumerable<string> Messages(Situation situation) => situation.Plan().Waits.Select(w => w.Message);
}
