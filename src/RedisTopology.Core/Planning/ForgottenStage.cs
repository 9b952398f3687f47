using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Servers that come back from their disks within a minute of being forgotten: replicas that are scaled away and wanted again, or a shard. For that minute every server refuses their ids, and from
/// 7.2 on tells all others to, so that whoever is introduced to them drops them again at once. They follow their masters meanwhile, and look well; but no master knows them, so none can hand over
/// to them and none would vote for them (seen with Redis 8.6: a drained master waited in vain, and its slots were not served for six seconds). Under another id they are known at once.
/// </summary>
internal static class ForgottenStage
{
    public static void Plan(TopologyView view, PlanDraft draft)
    {
        foreach (var pod in view.Live.Where(p => Renews(p, view)))
        {
            draft.Do(new PlanStep.Detach(NodeRef.To(pod), pod.Node!.MasterId, "came back so soon that the others still refuse the id it had") { Renew = true });
            draft.Wait(WaitReason.GossipSpreading, pod.Shard, $"shard {pod.Shard}: {pod.Name} is to take another id");
        }
    }

    /// <summary>Whether a server is to take another id. It loses what it has with it: only where every slot has an owner that answers, so that whatever is current is there, and nothing is on its way.</summary>
    /// <param name="pod">A live pod.</param>
    /// <param name="view">The reading.</param>
    /// <returns>True when it is.</returns>
    public static bool Renews(ObservedPod pod, TopologyView view) =>
        pod is { Forgotten: true, Terminating: false, Node: { Loading: false, Slots.IsEmpty: true } node }
        && (node.Role == NodeRole.Replica || node.Keys == 0)
        && view.SlotsOf(node.Id).IsEmpty
        && view.OwnedSlots.Equals(SlotSet.All)
        && view.Owners.All(id => view.LivePod(id) is not null)
        && !view.IsMovingSlots(pod.Shard)
        && !view.Surplus.Contains(pod.Shard);
}
