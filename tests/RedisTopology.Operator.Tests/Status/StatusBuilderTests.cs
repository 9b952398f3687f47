using System.Collections.Immutable;
using System.Text.Json;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Status;

namespace RedisTopology.Operator.Tests.Status;

public sealed class StatusBuilderTests
{
    private static readonly DateTime Now = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
    private static readonly TopologyPlan Settled = new([], []);
    private static readonly TopologyPlan Waiting = new([], [new PlanWait(WaitReason.ReplicaSyncing, "s0", "shard s0: blog-cache-s0-1 is copying")]);

    [Fact]
    public void A_healthy_cluster_is_ready_and_reads_well() => Golden.Verify(ManifestYaml.Write(Build(o => o)), "Status/ready.yaml");

    [Fact]
    public void A_cluster_without_a_master_and_with_a_copying_replica_says_which() => Golden.Verify(
        ManifestYaml.Write(Build(
            o => o.With("blog-cache-s1-0", p => p with { Node = null, Trouble = "is not running: CrashLoopBackOff" })
                .WithNode("blog-cache-s0-1", n => n with { LinkUp = false }),
            Waiting)),
        "Status/degraded.yaml");

    public static TheoryData<string, Func<ObservedTopology, ObservedTopology>, string, string> Phases => new()
    {
        { "as wanted", o => o, "Ready", "6/6" },
        { "nothing there", o => new ObservedTopology(), "Pending", "0/6" },
        { "pods, no answers", o => o with { Pods = [.. o.Pods.Select(p => p with { Node = null })] }, "Pending", "0/6" },
        { "servers, no slots", o => o with { Pods = [.. o.Pods.Select(p => p with { Node = p.Node! with { Slots = SlotSet.Empty, Role = NodeRole.Master, MasterId = null } })] }, "Forming", "0/6" },
        { "some slots", o => o.WithNode("blog-cache-s2-0", n => n with { Slots = SlotSet.Empty }), "Degraded", "6/6" },
        { "a replica away", o => o.With("blog-cache-s0-1", p => p with { Node = null }), "Degraded", "5/6" },
        { "a replica out of sync", o => o.WithNode("blog-cache-s0-1", n => n with { LinkUp = false }), "Degraded", "5/6" },
        { "a replica of another master", o => o.WithNode("blog-cache-s0-1", n => n with { MasterId = "s1-0" }), "Degraded", "5/6" },
        { "a server loads", o => o.WithNode("blog-cache-s0-1", n => n with { Loading = true }), "Degraded", "5/6" },
        { "a server finds the cluster failed", o => o.WithNode("blog-cache-s0-0", n => n with { ClusterOk = false }), "Degraded", "5/6" },
        { "a pod terminates", o => o.With("blog-cache-s0-1", p => p with { Terminating = true }), "Degraded", "5/6" },
        { "too few pods asked for", o => o with { Shards = [new("s0", 1), new("s1", 2), new("s2", 2)], Pods = [.. o.Pods.Where(p => p.Name != "blog-cache-s0-1")] }, "Scaling", "5/6" },
        { "a pod too many", o => o with { Shards = [new("s0", 3), new("s1", 2), new("s2", 2)] }, "Scaling", "6/6" },
        { "a master away that its replica remembers", o => Remembered(o), "Degraded", "4/6" },
    };

    [Theory]
    [MemberData(nameof(Phases))]
    public void The_phase_says_what_is_going_on(string situation, Func<ObservedTopology, ObservedTopology> change, string phase, string ready)
    {
        var status = Build(change);
        Assert.True((phase, ready) == (status.Phase, status.Ready), $"{situation}: {status.Phase} {status.Ready}");
        Assert.Equal(ready == "6/6" && phase != "Degraded" ? "True" : "False", Condition(status, "Ready").Status);
        Assert.Equal(phase == "Degraded" ? "True" : "False", Condition(status, "Degraded").Status);
    }

    [Theory]
    [InlineData(WaitReason.SlotsMoving, 0, "Resharding")]
    [InlineData(WaitReason.SlotBlocked, 0, "Resharding")]
    [InlineData(WaitReason.ShardLeaving, 0, "Resharding")]
    [InlineData(WaitReason.SlotsMoving, 1, "Degraded")]
    [InlineData(WaitReason.Rolling, 1, "Upgrading")]
    [InlineData(WaitReason.Rolling, 4, "Degraded")]
    [InlineData(WaitReason.Resizing, 0, "Resizing")]
    [InlineData(WaitReason.DatasetTooLarge, 0, "Resizing")]
    [InlineData(WaitReason.ReplicaSyncing, 0, "Ready")]
    public void A_change_has_a_phase_of_its_own_as_long_as_no_more_is_missing_than_it_takes_away(WaitReason reason, int away, string phase)
    {
        var definition = TestClusters.Define(TestClusters.With(TestClusters.Even, "replicas", "2"));
        var observed = Observations.Healthy(definition);
        foreach (var pod in observed.Pods.Where(p => p.Ordinal > 0).Take(away).ToList())
            observed = observed.With(pod.Name, p => p with { Node = null });
        var plan = new TopologyPlan([], [new PlanWait(reason, "s0", "...")]);
        Assert.Equal(phase, StatusBuilder.Build(new Report(Cluster(), definition, observed, plan, [], null), new CacheClusterStatus { Phase = "Ready" }, Now).Phase);
    }

    [Fact]
    public void Slots_on_their_way_are_counted_for_each_two_shards_and_told_in_steps()
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var observed = Observations.Healthy(definition);
        var status = At(0, "0-999", new CacheClusterStatus());
        var one = Assert.Single(status.Migrations!);
        Assert.Equal(("s0", "s1", "0-999", 0L, 1000L, "Resharding"), (one.From, one.To, one.Slots, one.Moved, one.Total, status.Phase));
        Assert.Equal(0, At(19, "19-999", status).Migrations![0].Moved);
        status = At(20, "20-999", status);
        Assert.Equal(("20-999", 20L), (status.Migrations![0].Slots, status.Migrations[0].Moved));
        Assert.Null(StatusBuilder.Build(new Report(Cluster(), definition, observed, Settled, [], null), status, Now).Migrations);

        CacheClusterStatus At(long moved, string slots, CacheClusterStatus former)
        {
            Assert.True(SlotRange.TryParse(slots, out var range, out _));
            var plan = new TopologyPlan([new PlanStep.MoveSlots(new("blog-cache-s0-0", "s0-0", "a"), new("blog-cache-s1-0", "s1-0", "b"), SlotSet.Of(range), SlotMigration.Keys)], []);
            var report = new Report(Cluster(), definition, observed, plan, [], null) { Moved = ImmutableDictionary<(string From, string To), long>.Empty.Add(("s0", "s1"), moved) };
            return StatusBuilder.Build(report, former, Now);
        }
    }

    [Fact]
    public void A_shard_that_is_to_be_removed_is_shown_until_it_is_gone()
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var more = Observations.Healthy(TestClusters.Define(TestClusters.With(TestClusters.Even, "sharding.count", "4")));
        var status = StatusBuilder.Build(new Report(Cluster(), definition, more, new TopologyPlan([], [new PlanWait(WaitReason.ShardLeaving, "s3", "...")]), [], null), new CacheClusterStatus(), Now);
        Assert.Equal(["s0", "s1", "s2", "s3"], status.Shards!.Select(s => s.Name));
        Assert.Equal((3, "Resharding"), (status.ShardCount, status.Phase));
        Assert.Equal("2/2", status.Shards![3].Ready);
    }

    [Fact]
    public void Volumes_that_cannot_grow_are_a_condition_where_there_are_volumes()
    {
        Assert.DoesNotContain(Build(o => o).Conditions!, c => c.Type == Conditions.StorageReady);
        var definition = TestClusters.Define(TestClusters.With(TestClusters.Even, "persistence", """{"mode": "AOF"}"""));
        var observed = Observations.Healthy(definition);
        var good = StatusBuilder.Build(new Report(Cluster(), definition, observed, Settled, [], null), new CacheClusterStatus(), Now);
        Assert.Equal("True", Condition(good, Conditions.StorageReady).Status);
        var bad = StatusBuilder.Build(new Report(Cluster(), definition, observed, Settled, [], null) { VolumeProblem = "StorageClass slow" }, new CacheClusterStatus(), Now);
        Assert.Equal(("False", "CannotGrow", "StorageClass slow"), (Condition(bad, Conditions.StorageReady).Status, Condition(bad, Conditions.StorageReady).Reason, Condition(bad, Conditions.StorageReady).Message));

        // A server that cannot write refuses clients: that is worse.
        var full = observed.WithNode("blog-cache-s1-0", n => n with { DiskTrouble = "aof_last_write_status:err" });
        var worst = Condition(StatusBuilder.Build(new Report(Cluster(), definition, full, Settled, [], null) { VolumeProblem = "StorageClass slow" }, new CacheClusterStatus(), Now), Conditions.StorageReady);
        Assert.Equal(("False", "CannotWrite"), (worst.Status, worst.Reason));
        Assert.Contains("blog-cache-s1-0 (aof_last_write_status:err)", worst.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Pending", "Forming")]
    [InlineData("Forming", "Forming")]
    [InlineData("Ready", "Degraded")]
    public void A_cluster_that_was_never_complete_is_forming_not_degraded(string former, string phase)
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var observed = Observations.Healthy(definition).WithNode("blog-cache-s0-1", n => n with { LinkUp = false });
        var status = StatusBuilder.Build(new Report(Cluster(), definition, observed, Settled, [], null), new CacheClusterStatus { Phase = former }, Now);
        Assert.Equal(phase, status.Phase);
    }

    [Theory]
    [InlineData("Ready", "3/3", "Scaling")]
    [InlineData("Scaling", "3/6", "Scaling")]
    [InlineData("Scaling", "5/6", "Scaling")]
    [InlineData("Resharding", "3/6", "Scaling")]
    [InlineData("Scaling", "6/6", "Degraded")]
    [InlineData("Resharding", "6/6", "Degraded")]
    [InlineData("Ready", "6/6", "Degraded")]
    [InlineData("Degraded", "5/6", "Degraded")]
    [InlineData("Upgrading", "5/6", "Upgrading")]
    public void A_pod_that_is_new_is_not_missing(string former, string ready, string phase)
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var observed = Observations.Healthy(definition).With("blog-cache-s0-1", p => p with { Node = null });
        var status = StatusBuilder.Build(
            new Report(Cluster(), definition, observed, Settled, [], null), new CacheClusterStatus { Phase = former, Ready = ready }, Now);
        Assert.Equal((phase, "5/6"), (status.Phase, status.Ready));
    }

    [Theory]
    [InlineData(true, false, "Paused")]
    [InlineData(false, true, "Invalid")]
    [InlineData(true, true, "Invalid")]
    public void A_pause_or_a_mistake_stands_above_all(bool paused, bool invalid, string phase)
    {
        var cluster = Cluster();
        cluster.Spec.Paused = paused;
        var definition = TestClusters.Define(TestClusters.Even);
        var status = StatusBuilder.Build(new Report(cluster, definition, Observations.Healthy(definition), Settled, invalid ? ["spec.replicas: 10 is outside 0 to 9"] : [], null), new CacheClusterStatus(), Now);
        Assert.Equal(phase, status.Phase);
        Assert.Equal(invalid ? "False" : "True", Condition(status, "SpecValid").Status);
        Assert.Equal(invalid ? "spec.replicas: 10 is outside 0 to 9" : "the spec is valid", Condition(status, "SpecValid").Message);
        // The data plane is as it was.
        Assert.Equal("True", Condition(status, "Ready").Status);
        Assert.Equal(paused ? "Paused" : "Settled", Condition(status, "Progressing").Reason);
    }

    [Fact]
    public void A_spec_that_was_never_valid_is_explained_and_nothing_else_is_claimed()
    {
        var status = StatusBuilder.Build(new Report(Cluster(), null, null, null, ["spec.size.memory is missing", "spec.sharding: give exactly one of count and shards"], null), new CacheClusterStatus(), Now);
        Assert.Equal(("Invalid", 7L), (status.Phase, status.ObservedGeneration));
        Assert.Null(status.Shards);
        Assert.Equal(
            ["Ready=False SpecInvalid", "Progressing=False SpecInvalid", "Degraded=False Healthy", "SlotsCovered=False SlotsMissing", "SpecValid=False Invalid"],
            status.Conditions!.Select(c => $"{c.Type}={c.Status} {c.Reason}"));
        Assert.Equal("spec.size.memory is missing; spec.sharding: give exactly one of count and shards", Condition(status, "SpecValid").Message);
    }

    [Theory]
    [InlineData("steps", "Acting", "scale shard s0 to 2 pods")]
    [InlineData("waits", "Waiting", "shard s0: blog-cache-s0-1 is copying")]
    [InlineData("failure", "Retrying", "blog-cache-s0-0: no answer within 1 s")]
    [InlineData("settled", "Settled", "the topology is as the spec says")]
    public void Progress_is_told_in_words(string what, string reason, string message)
    {
        var definition = TestClusters.Define(TestClusters.Even);
        var plan = what == "steps" ? new TopologyPlan([new PlanStep.ScaleShard("s0", 2)], Waiting.Waits) : what == "waits" ? Waiting : Settled;
        var status = StatusBuilder.Build(new Report(Cluster(), definition, Observations.Healthy(definition), plan, [], what == "failure" ? message : null), new CacheClusterStatus(), Now);
        Assert.Equal((reason, message), (Condition(status, "Progressing").Reason, Condition(status, "Progressing").Message));
    }

    [Fact]
    public void A_steady_state_gives_the_same_status_for_ever()
    {
        var first = Build(o => o);
        var second = Build(o => o, former: first, now: Now.AddHours(1));
        Assert.Equal(Json(first), Json(second));
    }

    [Theory]
    [InlineData(1000, 1099, 1000)]
    [InlineData(1000, 901, 1000)]
    [InlineData(1000, 1100, 1000)]
    [InlineData(1000, 1101, 1101)]
    [InlineData(1000, 899, 899)]
    [InlineData(1000, 0, 0)]
    [InlineData(0, 1, 1)]
    [InlineData(5, 6, 6)]
    public void Keys_and_memory_are_repeated_until_they_moved_by_more_than_a_tenth(long before, long now, long shown)
    {
        var former = Build(o => o.WithNode("blog-cache-s0-0", n => n with { Keys = before, UsedMemory = before }));
        var status = Build(o => o.WithNode("blog-cache-s0-0", n => n with { Keys = now, UsedMemory = now }), former: former);
        Assert.Equal((shown, shown), (status.Shards![0].Keys, status.Shards[0].UsedMemory));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1024 * 1024 - 1, 0)]
    [InlineData(5 * 1024 * 1024 + 7, 5 * 1024 * 1024)]
    [InlineData(-1000, 0)]
    public void Lag_is_told_in_whole_mebibytes(long behind, long shown) =>
        Assert.Equal(shown, Build(o => o.WithNode("blog-cache-s0-1", n => n with { Offset = n.Offset - behind })).Shards![0].Replicas![0].LagBytes);

    [Fact]
    public void A_condition_keeps_the_time_of_its_last_transition()
    {
        var ready = Build(o => o);
        var later = Build(o => o.With("blog-cache-s0-1", p => p with { Node = null }), Waiting, ready, Now.AddMinutes(1));
        var still = Build(o => o.With("blog-cache-s0-1", p => p with { Node = null }), new TopologyPlan([], [new PlanWait(WaitReason.PodNotReady, "s0", "other words")]), later, Now.AddMinutes(2));

        Assert.Equal(Now.AddMinutes(1), Condition(later, "Ready").LastTransitionTime);
        Assert.Equal(Now, Condition(later, "SpecValid").LastTransitionTime);
        Assert.Equal(("other words", Now.AddMinutes(1)), (Condition(still, "Ready").Message, Condition(still, "Ready").LastTransitionTime));
    }

    [Fact]
    public void The_worst_case_stays_within_the_schema()
    {
        var definition = TestClusters.Define("""{"size": {"memory": "1Gi"}, "sharding": {"count": 256}, "replicas": 9}""", new string('c', 47));
        var observed = Observations.Healthy(definition);
        observed = observed with { Pods = [.. observed.Pods.Select(p => p with { Node = null, Trouble = new string('t', 4000) })] };
        var waits = definition.Topology.Shards.Select(s => new PlanWait(WaitReason.PodNotReady, s.Name, $"shard {s.Name}: {new string('w', 20_000)}")).ToImmutableArray();
        var steps = definition.Topology.Shards.Select(s => (PlanStep)new PlanStep.ScaleShard(s.Name, 10)).ToImmutableArray();
        var problems = Enumerable.Range(0, 300).Select(i => new string('p', 50_000)).ToImmutableArray();

        foreach (var report in (Report[])
        [
            new(Cluster(), definition, observed, new TopologyPlan([], waits), problems, null),
            new(Cluster(), definition, observed, new TopologyPlan(steps, waits), [], new string('f', 100_000)),
            new(Cluster(), null, null, null, problems, null),
        ])
        {
            var status = StatusBuilder.Build(report, new CacheClusterStatus(), Now);
            Assert.All(status.Conditions!, c => Assert.True(c.Message.Length is > 0 and <= 32_768 && c.Reason.Length is > 0 and <= 1024, $"{c.Type}: {c.Message.Length}"));
            // etcd refuses objects above 1.5 MiB, and every watcher reads it.
            Assert.InRange(Json(status).Length, 100, 400_000);
        }
    }

    [Fact]
    public void A_long_list_is_counted_not_recited()
    {
        var waits = Enumerable.Range(0, 12).Select(i => new PlanWait(WaitReason.PodNotReady, $"s{i}", $"shard s{i} waits")).ToImmutableArray();
        var status = Build(o => o, new TopologyPlan([], waits));
        Assert.Equal("shard s0 waits; shard s1 waits; shard s2 waits; shard s3 waits; shard s4 waits; and 7 more", Condition(status, "Progressing").Message);
    }

    private static ObservedTopology Remembered(ObservedTopology observed)
    {
        var slots = observed.Pods[0].Node!.Slots;
        var peer = new PeerView("s0-0", "198.18.0.1", new PodIdentity("blog-cache-s0-0", "s0", 0), NodeRole.Master, null, slots, PeerHealth.Failed, false, 1);
        return observed.With("blog-cache-s0-0", p => p with { Node = null }).WithNode("blog-cache-s0-1", n => n with { LinkUp = false, Peers = [peer] });
    }

    private static CacheClusterStatus Build(Func<ObservedTopology, ObservedTopology> change, TopologyPlan? plan = null, CacheClusterStatus? former = null, DateTime? now = null)
    {
        var definition = TestClusters.Define(TestClusters.Even);
        return StatusBuilder.Build(new Report(Cluster(), definition, change(Observations.Healthy(definition)), plan ?? Settled, [], null), former ?? new CacheClusterStatus(), now ?? Now);
    }

    private static CacheCluster Cluster() => TestClusters.Of(TestClusters.Even);

    private static StatusCondition Condition(CacheClusterStatus status, string type) => status.Conditions!.Single(c => c.Type == type);

    private static string Json(CacheClusterStatus status) => JsonSerializer.Serialize(status, ApiJson.Options);
}
