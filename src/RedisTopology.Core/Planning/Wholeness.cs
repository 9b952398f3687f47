using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Whether a shard is whole: every pod answers, every replica is in sync, no slot is on its way. Only then can one of its pods be spared.</summary>
internal static class Wholeness
{
    /// <summary>What keeps a shard from being whole, as a sentence; null when it is. Why a pod is away is not in it but for the essential: the wait for that pod tells it.</summary>
    /// <param name="shard">The shard; its pods below its number of pods count.</param>
    /// <param name="view">The reading.</param>
    /// <param name="lame">Pods that need not be in sync, because they are no copies worth keeping; they must answer.</param>
    public static string? Gap(DesiredShard shard, TopologyView view, IReadOnlyCollection<ObservedPod> lame)
    {
        for (var ordinal = 0; ordinal < shard.Pods; ordinal++)
        {
            var pod = view.Pod(shard.Name, ordinal);
            if (Absence(pod) is { } absence)
                return $"{pod?.Name ?? $"pod {ordinal}"} {absence.Split(": ")[0]}";
            if (!pod!.Node!.ClusterOk && !lame.Contains(pod))
                return $"{pod.Name} says cluster_state:fail";
            if (!pod.Node.Jobs.IsEmpty || pod.Node.OpenSlots.Any(s => !Versions.AwaitsUpgrade(pod, s, view)))
                return $"slots of {pod.Name} are on their way";
        }

        if (view.MasterOf(shard.Name) is not { } master)
            return "it has no master";
        return Pods(shard, view).FirstOrDefault(p => p != master && !lame.Contains(p) && !Copies.InSync(p, master)) is { } behind
            ? $"{behind.Name} is not in sync with {master.Name}"
            : null;
    }

    /// <summary>Why a pod that should serve cannot, as a predicate; null when it can.</summary>
    public static string? Absence(ObservedPod? pod) =>
        pod is null ? "does not exist yet"
        : pod.Terminating ? pod.Held ?? "is being deleted"
        : pod.Node is null ? pod.Trouble ?? "does not answer"
        : pod.Node.Loading ? "is loading its data"
        : null;

    /// <summary>The pods a shard is to have, as far as they exist, by ordinal.</summary>
    public static IEnumerable<ObservedPod> Pods(DesiredShard shard, TopologyView view) =>
        view.Observed.Pods.Where(p => p.Shard == shard.Name && p.Ordinal < shard.Pods);
}
