using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Objects, pods to add, role labels. A removal of pods is not here: see <see cref="TidyingStage"/>.</summary>
internal static class KubernetesStage
{
    public static void Plan(DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        if (!view.Observed.StaleObjects.IsEmpty)
            draft.Do(new PlanStep.ApplyObjects(view.Observed.StaleObjects));

        foreach (var shard in desired.Shards)
        {
            var existing = view.StatefulSet(shard.Name);
            if (existing is not null && existing.Pods < shard.Pods)
                draft.Do(new PlanStep.ScaleShard(shard.Name, shard.Pods));

            if (existing?.Trouble is { } trouble)
                draft.Wait(WaitReason.PodNotReady, shard.Name, $"shard {shard.Name}: its pods cannot be created: {trouble}");
            for (var ordinal = 0; ordinal < shard.Pods; ordinal++)
                WaitForPod(view, draft, shard.Name, ordinal);
            foreach (var pod in view.Observed.Pods)
            {
                if (pod.Ordinal >= shard.Pods && pod.Shard == shard.Name)
                    draft.Wait(WaitReason.PodLeaving, shard.Name, $"shard {shard.Name}: pod {pod.Name} is to be removed");
            }
        }

        foreach (var pod in view.Observed.Pods)
        {
            var role = view.RoleOf(pod);
            if (role != pod.RoleLabel)
                draft.Do(new PlanStep.LabelPod(pod.Name, role));
        }
    }

    private static void WaitForPod(TopologyView view, PlanDraft draft, string shard, int ordinal)
    {
        var pod = view.Pod(shard, ordinal);
        if (Wholeness.Absence(pod) is { } absence)
            draft.Wait(WaitReason.PodNotReady, shard, $"shard {shard}: pod {pod?.Name ?? $"{ordinal}"} {absence}");
    }
}
