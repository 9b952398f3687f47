using System.Collections.Immutable;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>More or less memory, and settings that change while a server runs.</summary>
public sealed class ResizeTests
{
    [Fact]
    public void Growth_starts_with_a_replica_and_ends_with_the_master()
    {
        var situation = Situation.Settled(2, 0).Sized(wanted: 200, has: 100, used: 50);
        Assert.Equal(["resize s0-2 in place", "resize s1-0 in place"], situation.Steps());
        Assert.Contains("shard s0: 0 of 3 pods have their new size", Messages(situation));

        situation.WithPod("s0-2", p => p with { Size = PodSize.Resizing });
        Assert.Equal(["resize s1-0 in place"], situation.Steps());
        Assert.Contains("shard s0: 0 of 3 pods have their new size; s0-2 is being resized", Messages(situation));

        Resized(situation, "s0-2", 200);
        Assert.Equal(["resize s0-1 in place", "resize s1-0 in place"], situation.Steps());
        Resized(situation, "s0-1", 200);
        Assert.Equal(["resize s0-0 in place", "resize s1-0 in place"], situation.Steps());
    }

    [Fact]
    public void Maxmemory_grows_once_every_pod_of_the_shard_has_the_memory()
    {
        var situation = Situation.Settled(1, 1).Sized(wanted: 200, has: 100, used: 50);
        Resized(situation, "s0-1", 200);
        Assert.DoesNotContain(situation.Plan().Steps, s => s is PlanStep.SetConfig);
        Resized(situation, "s0-0", 200);
        Assert.Equal([$"set maxmemory {Situation.MiB(150)} on s0-0", $"set maxmemory {Situation.MiB(150)} on s0-1"], situation.Steps().Where(s => s.StartsWith("set", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_pod_that_is_going_neither_holds_maxmemory_up_nor_gets_more()
    {
        var situation = Situation.Settled(1).Sized(wanted: 200, has: 100, used: 50).WithPod("s0-1", p => p with { Terminating = true });
        Resized(situation, "s0-0", 200);
        Assert.Equal([MaxMemory("s0-0", 150)], situation.Steps());
    }

    [Fact]
    public void Maxmemory_shrinks_first_a_tenth_at_a_time_as_eviction_keeps_up()
    {
        var situation = Situation.Settled(1).Sized(wanted: 100, has: 200, used: 149);
        Assert.Equal([MaxMemory("s0-0", 135), MaxMemory("s0-1", 135)], situation.Steps());
        Assert.Contains(WaitReason.Resizing, situation.Waits());

        Bound(situation, 135, 145);
        Assert.Empty(situation.Steps());
        Bound(situation, 135, 135);
        Assert.Equal(2, situation.Steps().Length);
        Assert.All(situation.Plan().Steps.OfType<PlanStep.SetConfig>(), s => Assert.True(long.Parse(s.Values["maxmemory"]) >= Situation.MiB(135) * 9 / 10 - 9));

        Bound(situation, 80, 80);
        Assert.Equal([MaxMemory("s0-0", 75), MaxMemory("s0-1", 75)], situation.Steps());
        Bound(situation, 75, 75);
        Assert.Equal(["resize s0-1 in place"], situation.Steps());
    }

    [Fact]
    public void What_fits_needs_no_steps() =>
        Assert.Equal([MaxMemory("s0-0", 75), MaxMemory("s0-1", 75)], Situation.Settled(1).Sized(wanted: 100, has: 200, used: 70, noEviction: true).Steps());

    [Fact]
    public void A_dataset_that_does_not_fit_and_must_be_kept_stops_the_shrinking()
    {
        var situation = Situation.Settled(1).Sized(wanted: 100, has: 200, used: 140, noEviction: true);
        Assert.Empty(situation.Steps());
        Assert.Contains(WaitReason.DatasetTooLarge, situation.Waits());
        var message = Assert.Single(situation.Plan().Waits, w => w.Reason == WaitReason.DatasetTooLarge).Message;
        Assert.StartsWith("shard s0: 140 MiB are in use, the new size leaves 75 MiB", message, StringComparison.Ordinal);

        // Also when the pods would have to be replaced: they would come back too small.
        foreach (var pod in new[] { "s0-0", "s0-1" })
            situation.WithPod(pod, p => p with { Size = PodSize.CannotResize });
        Assert.Empty(situation.Outdated().Steps());
        Assert.Contains("shard s0: 0 of 2 pods are up to date; maxmemory of s0-0 is to come down first", Messages(situation));
    }

    [Fact]
    public void A_shard_without_replicas_gets_no_temporary_pod_that_is_too_small() =>
        Assert.Empty(Situation.Settled(0).Sized(wanted: 100, has: 200, used: 140, noEviction: true).WithPod("s0-0", p => p with { Size = PodSize.CannotResize }).Steps());

    [Fact]
    public void A_replica_that_has_not_followed_the_eviction_yet_holds_the_limits_up()
    {
        var situation = Situation.Settled(1).Sized(wanted: 100, has: 200, used: 70);
        Bound(situation, 75, 70);
        situation.WithNode("s0-1", n => n with { UsedMemory = Situation.MiB(120) });
        Assert.Empty(situation.Steps());
        Assert.Contains("shard s0: 0 of 2 pods have their new size; s0-1 still uses 120 MiB", Messages(situation));
        Assert.Equal(["resize s0-1 in place"], situation.WithNode("s0-1", n => n with { UsedMemory = Situation.MiB(80) }).Steps());
    }

    [Fact]
    public void A_pod_that_is_to_be_replaced_is_not_resized()
    {
        var situation = Situation.Settled(1).Sized(wanted: 200, has: 100, used: 50).Outdated();
        Assert.Equal(["replace s0-1: it runs another image"], situation.Steps());
        Assert.DoesNotContain(WaitReason.Resizing, situation.Waits());
    }

    [Fact]
    public void Nothing_is_replaced_beside_a_pod_that_is_being_resized()
    {
        var situation = Situation.Settled(2).Sized(wanted: 200, has: 100, used: 50).Outdated("s0-2").WithPod("s0-1", p => p with { Size = PodSize.Resizing });
        Assert.Empty(situation.Steps());
        Assert.Equal(["resize s0-1 in place"], situation.WithPod("s0-1", p => p with { Size = PodSize.Differs }).Steps());
    }

    [Fact]
    public void A_pod_that_is_down_for_want_of_memory_gets_it()
    {
        var situation = Situation.Settled(1).Sized(wanted: 200, has: 100, used: 50).Silent("s0-1", 100, down: true);
        Assert.Equal(["resize s0-1 in place", "resize s0-0 in place"], situation.Steps());

        // What a silent server holds is not known: it does not get less.
        situation = Situation.Settled(1).Sized(wanted: 100, has: 200, used: 50);
        Bound(situation, 75, 50);
        Assert.DoesNotContain("resize s0-1 in place", situation.Silent("s0-1", 100, down: true).Steps());
        Assert.Equal(["resize s0-0 in place"], situation.Steps());
        Assert.DoesNotContain("resize s0-0 in place", situation.WithNode("s0-0", n => n with { Loading = true, MaxMemory = Situation.MiB(150) }).Steps());
    }

    [Fact]
    public void Nothing_is_resized_before_the_new_template_is_applied() =>
        Assert.Equal(["apply StatefulSet/c-s0"], Situation.Settled(1).Sized(wanted: 200, has: 100, used: 50).Stale("StatefulSet/c-s0").Steps());

    [Theory]
    [InlineData(30)]
    [InlineData(90)]
    [InlineData(0)]
    public void A_maxmemory_that_somebody_changed_is_mended(int now)
    {
        var situation = Situation.Settled(1).Sized(wanted: 100, has: 100, used: 20);
        Assert.True(situation.Plan().IsSettled);
        Assert.Equal([MaxMemory("s0-1", 75)], situation.WithNode("s0-1", n => n with { MaxMemory = Situation.MiB(now) }).Steps());
    }

    [Fact]
    public void Drift_is_mended_on_every_server_that_answers()
    {
        var drift = ImmutableSortedDictionary<string, string>.Empty.Add("maxmemory-policy", "allkeys-lfu").Add("timeout", "0");
        var situation = Situation.Settled(1, 1).WithPod("s0-0", p => p with { Drift = drift }).WithPod("s1-1", p => p with { Drift = drift.Remove("timeout") });
        Assert.Equal(["set maxmemory-policy allkeys-lfu, timeout 0 on s0-0", "set maxmemory-policy allkeys-lfu on s1-1"], situation.Steps());
        Assert.Contains("set maxmemory-policy allkeys-lfu on s1-1", situation.Silent("s0-0", 5, down: false).Steps());
        Assert.DoesNotContain(situation.Steps(), s => s.Contains("timeout", StringComparison.Ordinal));
        Assert.Empty(situation.WithNode("s1-1", n => n with { Loading = true }).Steps());
    }

    /// <summary>A server that lost its node table claims the slots of the keys it has: it takes no writes until it knows whose they are.</summary>
    [Fact]
    public void Writes_stay_held_back_where_slots_of_others_are_claimed()
    {
        var drift = ImmutableSortedDictionary<string, string>.Empty.Add("min-replicas-to-write", "0").Add("timeout", "0");
        var situation = Situation.Settled(1, 1).WithPod("s0-1", p => p with { Drift = drift });
        Assert.Equal(["set min-replicas-to-write 0, timeout 0 on s0-1"], situation.Steps());
        var slots = situation.Node("s0-0").Slots;
        situation.WithNode("s0-1", n => n with { Role = NodeRole.Master, MasterId = null, Slots = slots, ConfigEpoch = 0 });
        Assert.Contains("set timeout 0 on s0-1", situation.Steps());
    }

    /// <summary>Replicas and bounded loss are asked for at once: writes go on until the replicas are there.</summary>
    [Theory]
    [InlineData("1", false, "set timeout 0 on s0-0")]
    [InlineData("1", true, "set min-replicas-to-write 1, timeout 0 on s0-0")]
    [InlineData("0", false, "set min-replicas-to-write 0, timeout 0 on s0-0")]
    public void A_master_is_not_told_to_want_a_replica_before_it_has_one(string wanted, bool inSync, string step)
    {
        var drift = ImmutableSortedDictionary<string, string>.Empty.Add("min-replicas-to-write", wanted).Add("timeout", "0");
        var situation = Situation.Settled(1, 1).WithPod("s0-0", p => p with { Drift = drift }).WithNode("s0-1", n => n with { LinkUp = inSync });
        Assert.Equal([step], situation.Steps());
    }

    /// <summary>A roll had begun when bounded loss was asked for, and the next replica was not there yet: no write was accepted for 3.4 s.</summary>
    [Fact]
    public void A_replica_that_is_on_its_way_out_is_none_that_a_master_may_want()
    {
        var drift = ImmutableSortedDictionary<string, string>.Empty.Add("min-replicas-to-write", "1").Add("timeout", "0");
        var situation = Situation.Settled(1, 1).WithPod("s0-0", p => p with { Drift = drift }).WithPod("s0-1", p => p with { Terminating = true });
        Assert.Equal(["set timeout 0 on s0-0"], situation.Steps());
        situation.WithPod("s0-1", p => p with { Terminating = false });
        Assert.Equal(["set min-replicas-to-write 1, timeout 0 on s0-0"], situation.Steps());
    }

    private static string MaxMemory(string pod, int mebibytes) => $"set maxmemory {Situation.MiB(mebibytes)} on {pod}";

    private static void Resized(Situation situation, string pod, int memory) =>
        situation.WithPod(pod, p => p with { Size = PodSize.Fits, Memory = Situation.MiB(memory) });

    private static void Bound(Situation situation, int maxMemory, int used)
    {
        foreach (var pod in new[] { "s0-0", "s0-1" })
            situation.WithNode(pod, n => n with { MaxMemory = Situation.MiB(maxMemory), UsedMemory = Situation.MiB(used) });
    }

    private static IEnumerable<string> Messages(Situation situation) => situation.Plan().Waits.Select(w => w.Message);
}
