using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>A shard the spec no longer names goes once its slots have left and nothing is in it.</summary>
internal static class SurplusStage
{
    /// <summary>How long a pod that never was part of the cluster must have been silent to count as one that will not answer. One that was may hold keys, however long it is silent while it runs.</summary>
    private static readonly TimeSpan SilentPodGrace = TimeSpan.FromSeconds(60);

    /// <summary>
    /// What a person is told of keys in a master without slots. They may be what was deleted since, or the only copy of what had gone over when both ends of a slot were succeeded at
    /// once: nothing in them tells, so they are neither given to the owner of their slot nor deleted.
    /// </summary>
    public const string UnservedKeys = ", and nobody is served from it: look at them, copy what is needed, then run FLUSHALL in it";

    public static void Plan(TopologyView view, PlanDraft draft)
    {
        foreach (var shard in view.Surplus)
        {
            if (Hindrance(shard, view) is { } hindrance)
                draft.Wait(WaitReason.ShardLeaving, shard, $"shard {shard} is to be removed: {hindrance}");
            else if (view.Observed.Shards.Any(s => s.Name == shard))
                draft.Do(new PlanStep.RemoveShard(shard));
            foreach (var pod in view.Observed.Pods.Where(p => p.Shard == shard))
                draft.Wait(WaitReason.PodLeaving, shard, $"shard {shard}: pod {pod.Name} is to be removed");
        }
    }

    /// <summary>Why a surplus shard cannot be removed yet, as a sentence; null when it can.</summary>
    public static string? Hindrance(string shard, TopologyView view)
    {
        var owners = view.Owners.Where(id => view.IdentityOf(id)?.Shard == shard).ToList();
        if (owners.Count > 0)
            return string.Create(CultureInfo.InvariantCulture, $"{owners.Sum(id => view.SlotsOf(id).Count)} slots are to leave first");
        if (view.IsMovingSlots(shard))
            return "a slot is half-way";
        if (view.Live.FirstOrDefault(p => p.Node!.Peers.Any(peer => !peer.Slots.IsEmpty && view.IdentityOf(peer.Id)?.Shard == shard)) is { } uninformed)
            return $"{uninformed.Name} has not heard yet that its slots have left";
        if (view.OwnedSlots.Count < HashSlot.Count && view.Observed.Pods.Count(p => p.Shard == shard) < (view.Observed.Shards.FirstOrDefault(s => s.Name == shard)?.Pods ?? 0))
            return "a pod that is to come back may hold slots that nobody owns";
        foreach (var pod in view.Observed.Pods.Where(p => p.Shard == shard).OrderBy(p => p.Node?.Role ?? NodeRole.Replica))
        {
            // A replica of a master elsewhere holds nothing of its own. Nor does one whose master is gone for good, or empty, when every slot has an owner: it has not heard that its keys were moved.
            if (pod.Node is { Keys: > 0 } node && (node.Role == NodeRole.Master || (view.LivePod(node.MasterId) is { } master ? master.Shard == shard && !IsLeftBehind(pod, master, view) : !IsLeftBehind(node, view))))
                return string.Create(CultureInfo.InvariantCulture, $"{pod.Name} holds {node.Keys} keys although it owns no slots{(node.Role == NodeRole.Master ? UnservedKeys : "")}");
            if (pod.Node is null && view.OwnedSlots.Count < HashSlot.Count)
                return $"{pod.Name} does not answer, and may hold slots that nobody owns";
            if (pod is { Node: null, ConfirmedDown: false, Address: not null } && (pod.RoleLabel is not null || pod.SilentFor < SilentPodGrace))
                return $"{pod.Name} does not answer, and may hold keys";
        }

        return null;
    }

    /// <summary>A server does not understand how one of a newer version tells it that the keys of slots are no longer its own: they stay in it, however well it follows.</summary>
    private static bool IsLeftBehind(ObservedPod replica, ObservedPod master, TopologyView view) =>
        view.OwnedSlots.Equals(SlotSet.All) && master.Node!.Keys == 0 && Copies.InSync(replica, master);

    private static bool IsLeftBehind(ObservedNode replica, TopologyView view) => view.OwnedSlots.Equals(SlotSet.All) && (replica.MasterId is null || view.IsGone(replica.MasterId));
}
