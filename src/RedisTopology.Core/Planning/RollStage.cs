using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Pods that cannot become what the spec says by any other means are replaced: one of the cluster first (<see cref="FirstPod"/>), then replicas, one at a time in a shard, then the masters,
/// one at a time in the cluster, each after it has handed over to a replica. Whatever fails stops it, and each look decides anew which pods are left: a spec that is
/// changed or taken back half-way needs no special case.
/// </summary>
internal static class RollStage
{
    /// <summary>How long a server that never was part of the cluster may be silent while its container runs: more than any start takes that gets as far as a socket.</summary>
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    /// <summary>Why a pod must be replaced; null when it need not be.</summary>
    public static string? Reason(ObservedPod pod) => pod.Outdated ?? (pod.Size == PodSize.CannotResize ? "cannot be resized in place" : null);

    /// <summary>
    /// Pods that do not run and must be replaced anyway: at once, all of them, since it costs nothing. So a good spec repairs what a bad one did, even to every
    /// pod, also in a shard that is to go: its slots leave from a server that runs. A container that runs is spared, however silent: it may hold the only copy.
    /// </summary>
    public static void ReplaceDead(TopologyView view, PlanDraft draft)
    {
        if (!view.Observed.StaleObjects.IsEmpty)
            return;
        foreach (var pod in view.Observed.Pods)
        {
            if (pod is { Node: null, Terminating: false, OnLostNode: false } && Reason(pod) is { } reason && (pod.ConfirmedDown || NeverAnswered(pod)))
                draft.Do(new PlanStep.RestartPod(pod.Name, pod.Uid, $"it {reason} and does not run", LosesData: false) { WhileDown = true });
        }
    }

    /// <param name="spec">What the spec asks for.</param>
    /// <param name="desired">The same with temporary replicas.</param>
    /// <param name="view">The reading.</param>
    /// <param name="draft">The plan, with everything more urgent in it.</param>
    public static void Plan(DesiredTopology spec, DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        if (!IsNeeded(view))
            return;
        var busy = BusyShards.Of(draft, view);
        var resizing = view.Observed.Pods.Where(p => p.Size == PodSize.Resizing).Select(p => p.Shard).ToHashSet();
        var proven = FirstPod.IsProven(desired, view);
        var roll = new Roll(spec, desired, view, draft, proven);
        IEnumerable<DesiredShard> shards = proven ? desired.Shards : desired.Shards.OrderByDescending(s => FirstPod.HasFailed(s, view));
        foreach (var shard in shards)
        {
            var stale = Wholeness.Pods(shard, view).Where(p => Reason(p) is not null).ToList();
            if (stale.Count == 0)
                continue;
            var why = !view.Observed.StaleObjects.IsEmpty ? "the objects that differ are to be applied first"
                : busy.Contains(shard.Name) ? "other steps come first"
                : resizing.Contains(shard.Name) ? "a pod is being resized"
                : MaxMemoryStage.Obstacle(desired, shard, view) ?? roll.Advance(shard, stale);
            var fresh = Wholeness.Pods(shard, view).Count() - stale.Count;
            draft.Wait(WaitReason.Rolling, shard.Name, $"shard {shard.Name}: {fresh} of {shard.Pods} pods are up to date" + (why is null ? "" : $"; {why}"));
        }
    }

    /// <summary>Whether any pod must be replaced: most of the time none must.</summary>
    public static bool IsNeeded(TopologyView view)
    {
        foreach (var pod in view.Observed.Pods)
        {
            if (Reason(pod) is not null)
                return true;
        }

        return false;
    }

    /// <summary>No role was ever seen in it, and neither the operator nor the kubelet gets an answer: whatever runs there holds nothing of the cluster that is not on its volume.</summary>
    private static bool NeverAnswered(ObservedPod pod) => pod is { RoleLabel: null, Ready: false } && pod.SilentFor >= StartTime;

    private sealed record Roll(DesiredTopology Spec, DesiredTopology Desired, TopologyView View, PlanDraft Draft, bool Proven)
    {
        /// <returns>What holds the shard up; null when a pod of it is replaced now.</returns>
        public string? Advance(DesiredShard shard, List<ObservedPod> stale)
        {
            var spec = Spec.Shards.First(s => s.Name == shard.Name);
            if (View.MasterOf(shard.Name) is not { } master)
                return "it has no master";
            if (Leaving(shard.Name) is { } leaving)
                return $"{leaving.Name} is to be removed first";
            if (TemporaryReplicas.HasNoPlace(spec, View))
                return Wholeness.Gap(spec, View, []) ?? Elsewhere(shard) ?? WithoutPlace(spec, master, stale);

            // Replicas that must go and do not follow go first, the emptiest before the others: one that cannot would else stop the roll that is to repair it.
            var lame = stale.Where(p => p != master && IsLame(p, master)).OrderBy(p => p.Node!.Offset).ThenBy(p => p.Node!.Keys).ThenByDescending(p => p.Ordinal).ToList();
            if (Wholeness.Gap(shard, View, lame) is { } gap)
                return gap;
            if (lame.FirstOrDefault() is { } useless)
                return Restart(useless, whileMaster: false);
            return stale.Where(p => p != master && p.Ordinal < spec.Pods).OrderBy(p => p.Healthy).ThenByDescending(p => p.Ordinal).FirstOrDefault() is { } replica ? Spare(replica, shard)
                : spec.Replicas == 0 && shard.Replicas == 0 ? "its temporary replica has to wait for another shard's"
                : Elsewhere(shard) ?? HandOver(master, StandIns(spec, shard, master));
        }

        /// <summary>It answers, must be replaced, and does not follow the master. What is a master itself and holds keys is for a person to look at.</summary>
        private static bool IsLame(ObservedPod pod, ObservedPod master) =>
            pod.Node is { } node && (node.Role == NodeRole.Replica ? !node.LinkUp || node.MasterId != master.Node!.Id : node.Keys == 0 && node.Slots.IsEmpty);

        /// <summary>Why no master may be touched: a failover is under way already, or another shard is not in a state to be followed by more.</summary>
        private string? Elsewhere(DesiredShard shard)
        {
            if (Draft.Steps.Any(s => s is PlanStep.Failover or PlanStep.RestartPod { WhileMaster: true }))
                return "another master is being replaced";
            foreach (var other in Spec.Shards.Where(s => s.Name != shard.Name))
            {
                if (Wholeness.Gap(other, View, []) is { } gap)
                    return $"masters wait for shard {other.Name}: {gap}";
                var master = View.MasterOf(other.Name);
                if (Wholeness.Pods(other, View).FirstOrDefault(p => p != master && Reason(p) is not null) is { } replica)
                    return $"masters wait for shard {other.Name}: {replica.Name} is to be replaced";
            }

            return null;
        }

        /// <summary>
        /// The only pod of a shard goes as the master, unless a replica is left that was to be removed: that one stands in. It would succeed the master in any case, and without what it lacks.
        /// </summary>
        private string? WithoutPlace(DesiredShard spec, ObservedPod master, List<ObservedPod> stale) =>
            master.Ordinal >= spec.Pods ? Restart(stale.First(p => p.Ordinal < spec.Pods), whileMaster: false)
            : HandOver(master, View.Live.Where(p => p.Shard == spec.Name && p != master)) is null ? null
            : Restart(master, whileMaster: true);

        /// <summary>A replica that stays, or a temporary one, which need not be up to date to stand in.</summary>
        private IEnumerable<ObservedPod> StandIns(DesiredShard spec, DesiredShard shard, ObservedPod master) =>
            Wholeness.Pods(shard, View).Where(p => p != master && (Reason(p) is null || p.Ordinal >= spec.Pods));

        /// <summary>To one of these replicas; why not, when none of them can take over.</summary>
        private string? HandOver(ObservedPod master, IEnumerable<ObservedPod> replicas)
        {
            if (Copies.Successor(master, replicas, View) is not { } successor)
                return "no replica can take over";
            Draft.Do(new PlanStep.Failover(NodeRef.To(successor), FailoverKind.Graceful, $"shard {master.Shard}: {master.Name} is to be replaced, it {Reason(master)}"));
            return null;
        }

        /// <summary>
        /// A pod that the StatefulSet no longer asks for, and that goes at any moment. The disruption budget counts it as a copy as long as it is ready, so that a drain could take the master
        /// beside the pod that is replaced.
        /// </summary>
        private ObservedPod? Leaving(string shard) => View.Observed.Pods.FirstOrDefault(p => p.Shard == shard && p.Ordinal >= (View.StatefulSet(shard)?.Pods ?? 0));

        /// <summary>
        /// A copy that is ready goes when the disruption budget lets it, so that no drain takes another at the same time. One that is not ready is none to the budget, which it may itself
        /// exhaust: it goes first, and without asking.
        /// </summary>
        private string? Spare(ObservedPod replica, DesiredShard shard)
        {
            if (replica.Healthy && Wholeness.Pods(shard, View).FirstOrDefault(p => !p.Healthy) is { } unready)
                return $"{unready.Name} is not ready";
            if (TriedFirst() is { } first)
                return first;
            Draft.Do(new PlanStep.RestartPod(replica.Name, replica.Uid, $"it {Reason(replica)}", LosesData: false) { WithinBudget = replica.Healthy, WhileUnready = !replica.Healthy });
            return null;
        }

        private string? Restart(ObservedPod pod, bool whileMaster)
        {
            if (TriedFirst() is { } first)
                return first;
            var reason = whileMaster ? $"it {Reason(pod)}, and there is no place for a temporary replica" : $"it {Reason(pod)}";
            Draft.Do(new PlanStep.RestartPod(pod.Name, pod.Uid, reason, LosesData: whileMaster && !Desired.PersistsData) { WhileMaster = whileMaster });
            return null;
        }

        /// <summary>Which pod is to show that what the spec says works before any other is replaced, as a sentence; null when one has, or none has begun to.</summary>
        private string? TriedFirst()
        {
            if (Proven)
                return null;
            var first = Draft.Steps.OfType<PlanStep.RestartPod>().FirstOrDefault()?.Pod ?? FirstPod.OnItsWay(Spec, Desired, View);
            return first is null ? null : $"{first} is tried first";
        }
    }
}
