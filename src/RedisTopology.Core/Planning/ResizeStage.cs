using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Pods get the resources of the spec without being restarted: replicas first, then the master, one at a time in a shard. A pod that is to be replaced anyway is
/// left alone, and one that cannot be resized is replaced by <see cref="RollStage"/>.
/// </summary>
internal static class ResizeStage
{
    public static void Plan(DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        if (view.Observed.Pods.All(p => p.Size is not (PodSize.Differs or PodSize.Resizing)))
            return;
        var busy = BusyShards.Of(draft, view);
        foreach (var shard in desired.Shards)
        {
            var pods = Wholeness.Pods(shard, view).ToList();
            var unfit = pods.Where(p => p.Size is PodSize.Differs or PodSize.Resizing && RollStage.Reason(p) is null).ToList();
            if (unfit.Count == 0)
                continue;
            var why = busy.Contains(shard.Name) ? "other steps come first" : Advance(desired, shard, pods, unfit, view, draft);
            draft.Wait(WaitReason.Resizing, shard.Name, $"shard {shard.Name}: {pods.Count(p => p.Size == PodSize.Fits)} of {shard.Pods} pods have their new size" + (why is null ? "" : $"; {why}"));
        }
    }

    /// <returns>What holds it up; null when it goes on.</returns>
    private static string? Advance(DesiredTopology desired, DesiredShard shard, List<ObservedPod> pods, List<ObservedPod> unfit, TopologyView view, PlanDraft draft)
    {
        if (!view.Observed.StaleObjects.IsEmpty)
            return "the objects that differ are to be applied first";
        if (MaxMemoryStage.Obstacle(desired, shard, view) is { } obstacle)
            return obstacle;

        // A server that is down may be down for want of memory.
        var differing = unfit.Where(p => p.Size == PodSize.Differs && !p.Terminating).ToList();
        foreach (var pod in differing.Where(p => p.Node is null && p.Memory < desired.Memory))
            draft.Do(new PlanStep.ResizePod(pod.Name, pod.Uid));

        if (unfit.FirstOrDefault(p => p.Size == PodSize.Resizing) is { } resizing)
            return $"{resizing.Name} is being resized";
        if (pods.FirstOrDefault(p => p.Terminating) is { } leaving)
            return $"{leaving.Name} is being deleted";
        var master = view.MasterOf(shard.Name);
        if (differing.Where(p => p.Node is { Loading: false }).OrderBy(p => p == master).ThenByDescending(p => p.Ordinal).FirstOrDefault() is { } next)
            draft.Do(new PlanStep.ResizePod(next.Name, next.Uid));
        return null;
    }
}
