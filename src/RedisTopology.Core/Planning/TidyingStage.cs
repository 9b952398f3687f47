using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// What is no longer wanted goes, last of all. A StatefulSet removes its highest ordinals, so the master moves to a pod that stays before
/// any goes; ids that can never come back are forgotten by every node, or gossip keeps bringing them up.
/// </summary>
internal static class TidyingStage
{
    public static void Plan(DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        foreach (var id in view.AbsentIds)
        {
            if (view.SlotsOf(id).IsEmpty && view.IsGone(id) && !view.Live.Any(p => p.Node!.MasterId == id))
                Forget(id, view, draft);
        }

        foreach (var shard in desired.Shards)
        {
            var existing = view.StatefulSet(shard.Name);
            if (existing is not null && existing.Pods > shard.Pods)
                ScaleIn(shard, view, draft);
        }
    }

    private static void Forget(string id, TopologyView view, PlanDraft draft)
    {
        foreach (var pod in view.Live.Where(p => p.Node!.Peer(id) is not null && !OwnershipStage.HoldsMarkFor(p, id)))
            draft.Do(new PlanStep.Forget(NodeRef.To(pod), id, SlotSet.Empty));
    }

    private static bool IsMoving(string shard, TopologyView view, PlanDraft draft) => view.IsMovingSlots(shard)
        || draft.Steps.OfType<PlanStep.MoveSlots>().Any(m => view.LivePod(m.Source.Id)?.Shard == shard || view.LivePod(m.Target.Id)?.Shard == shard);

    private static void ScaleIn(DesiredShard shard, TopologyView view, PlanDraft draft)
    {
        // Without an owner of slots there may be a master that is about to get them, and a copy of their keys in a pod that would go.
        if (view.MasterOf(shard.Name) is not { } master || (view.SlotsOf(master.Node!.Id).IsEmpty && !view.OwnedSlots.Equals(SlotSet.All)))
        {
            draft.Wait(WaitReason.NoSuccessor, shard.Name, $"shard {shard.Name}: replicas are not removed while no master answers");
            return;
        }

        if (view.Observed.Pods.FirstOrDefault(p => p.Shard == shard.Name && view.IsUnheardMaster(p)) is { } newer)
        {
            draft.Wait(WaitReason.NoSuccessor, shard.Name, $"shard {shard.Name}: replicas are not removed while {newer.Name}, which was the master after {master.Name}, does not answer");
            return;
        }

        // It hands over before it goes, perhaps to a pod that would be removed.
        if (master.Terminating)
        {
            draft.Wait(WaitReason.NoSuccessor, shard.Name, $"shard {shard.Name}: replicas are not removed while master {master.Name} is being deleted");
            return;
        }

        // The last copy beside the master is not removed before there is one that stays.
        var replicas = view.Live.Where(p => p.Shard == shard.Name && p != master && p.Node!.MasterId == master.Node!.Id).ToList();
        if (shard.Replicas > 0 && replicas.Exists(p => p.Ordinal >= shard.Pods) && !replicas.Exists(p => p.Ordinal < shard.Pods && Copies.InSync(p, master)) && master.Ordinal < shard.Pods)
        {
            draft.Wait(WaitReason.NoSuccessor, shard.Name, $"shard {shard.Name}: replicas are not removed while none that stays is in sync");
            return;
        }

        if (view.Live.FirstOrDefault(p => p.Shard == shard.Name && p != master && p.Ordinal >= shard.Pods && !view.SlotsOf(p.Node!.Id).IsEmpty) is { } owner)
        {
            draft.Wait(WaitReason.NoSuccessor, shard.Name, $"shard {shard.Name}: {owner.Name} is to be removed once its slots have gone to {master.Name}");
            return;
        }

        // A failover that is agreed upon needs slots to agree about: a master without any just goes, when there is nothing in it.
        if (master.Ordinal < shard.Pods || (view.SlotsOf(master.Node!.Id).IsEmpty && master.Node.Keys == 0 && !IsMoving(shard.Name, view, draft)))
        {
            draft.Do(new PlanStep.ScaleShard(shard.Name, shard.Pods) { Master = master.Ordinal < shard.Pods ? master.Name : null });
            return;
        }

        // Neither end of a slot that is half-way changes its master without need: every change leaves it half-way for longer.
        if (view.SlotsOf(master.Node!.Id).IsEmpty || IsMoving(shard.Name, view, draft))
        {
            draft.Wait(WaitReason.NoSuccessor, shard.Name, $"shard {shard.Name}: master {master.Name} is to be removed once the slots that are on their way have arrived");
            return;
        }

        var successor = Copies.Successor(master, view.Live.Where(p => p.Shard == shard.Name && p.Ordinal < shard.Pods), view);
        if (successor is null)
            draft.Wait(WaitReason.NoSuccessor, shard.Name, $"shard {shard.Name}: master {master.Name} is to be removed, but no replica that stays is in sync");
        else
            draft.Do(new PlanStep.Failover(NodeRef.To(successor), FailoverKind.Graceful, $"shard {shard.Name}: {master.Name} is to be removed"));
    }
}
