using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// <c>maxmemory</c> follows the memory of the pods upwards and goes before it downwards, so that no server is ever told to hold more than its container may.
/// </summary>
internal static class MaxMemoryStage
{
    private const string Setting = "maxmemory";

    public static void Plan(DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        if (desired.MaxMemory <= 0 || view.Live.All(p => p.Node!.MaxMemory == desired.MaxMemory))
            return;
        foreach (var shard in desired.Shards)
        {
            var live = Live(shard, view);
            Lower(desired, shard, live, view, draft);
            if (HaveMemory(desired, shard, view))
            {
                foreach (var pod in live.Where(p => !p.Terminating && p.Node!.MaxMemory > 0 && p.Node.MaxMemory < desired.MaxMemory))
                    Set(pod, desired.MaxMemory, draft);
            }
        }
    }

    /// <summary>Why no pod of a shard may get the memory of the spec yet, whether in place or by being replaced; null when each may.</summary>
    public static string? Obstacle(DesiredTopology desired, DesiredShard shard, TopologyView view)
    {
        if (desired.MaxMemory <= 0)
            return null;
        var live = Live(shard, view);
        if (live.FirstOrDefault(p => IsHigh(p, desired)) is { } high)
            return $"maxmemory of {high.Name} is to come down first";

        // What does not count as dataset (buffers, the backlog) may exceed maxmemory a little; half the headroom is left for it.
        var bound = desired.MaxMemory + ((desired.Memory - desired.MaxMemory) / 2);
        var shrinking = view.Observed.Pods.Any(p => p.Shard == shard.Name && p.Memory > desired.Memory);
        return shrinking && live.FirstOrDefault(p => p.Node!.UsedMemory > bound) is { } full
            ? $"{full.Name} still uses {Text(full.Node!.UsedMemory)}"
            : null;
    }

    private static void Lower(DesiredTopology desired, DesiredShard shard, List<ObservedPod> live, TopologyView view, PlanDraft draft)
    {
        var high = live.Where(p => IsHigh(p, desired)).ToList();
        if (high.Count == 0)
            return;
        var used = live.Max(p => p.Node!.UsedMemory);
        if (used <= desired.MaxMemory)
        {
            foreach (var pod in high)
                Set(pod, desired.MaxMemory, draft);
            return;
        }

        if (desired.NoEviction)
        {
            draft.Wait(
                WaitReason.DatasetTooLarge,
                shard.Name,
                $"shard {shard.Name}: {Text(used)} are in use, the new size leaves {Text(desired.MaxMemory)}, and the eviction policy keeps keys: raise size.memory, spread over more shards, or delete keys");
            return;
        }

        // Eviction keeps up with steps this small, and an edit that was a mistake can be taken back half-way.
        draft.Wait(WaitReason.Resizing, shard.Name, $"shard {shard.Name}: {Text(used)} are in use and come down to {Text(desired.MaxMemory)}");
        if (view.MasterOf(shard.Name)?.Node is { MaxMemory: > 0 } master && master.UsedMemory > master.MaxMemory + (master.MaxMemory / 32))
            return;
        foreach (var pod in high)
            Set(pod, Math.Max(desired.MaxMemory, (pod.Node!.MaxMemory > 0 ? pod.Node.MaxMemory : used) / 10 * 9), draft);
    }

    private static bool IsHigh(ObservedPod pod, DesiredTopology desired) => pod.Node!.MaxMemory <= 0 || pod.Node.MaxMemory > desired.MaxMemory;

    /// <summary>Every pod that could become the master has the memory of the spec.</summary>
    private static bool HaveMemory(DesiredTopology desired, DesiredShard shard, TopologyView view) =>
        view.Observed.Pods.Where(p => p.Shard == shard.Name && !p.Terminating).All(p => p.Memory > 0 ? p.Memory >= desired.Memory : p.Size == PodSize.Fits);

    private static List<ObservedPod> Live(DesiredShard shard, TopologyView view) =>
        [.. view.Live.Where(p => p.Shard == shard.Name && p.Address is not null && !p.Node!.Loading)];

    private static void Set(ObservedPod pod, long bytes, PlanDraft draft) =>
        draft.Do(new PlanStep.SetConfig(NodeRef.To(pod), ImmutableSortedDictionary<string, string>.Empty.Add(Setting, bytes.ToString(CultureInfo.InvariantCulture))));

    private static string Text(long bytes) => $"{(bytes + (1 << 20) - 1) >> 20} MiB";
}
