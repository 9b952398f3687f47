using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// A person's wish for another master is carried out as a roll would: gracefully, to a replica that is in sync, and only where nothing else is going on.
/// So there is one owner of each failover, and no second way of ordering one.
/// </summary>
internal static class SwitchoverStage
{
    public static void Plan(DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        var order = desired.Switchover;
        if (order is null || view.MasterOf(order.Shard) is not { } master || master.Name != order.From)
            return;
        if (BusyShards.Of(draft, view).Contains(order.Shard) || view.IsMovingSlots(order.Shard) || draft.Steps.Any(s => s is PlanStep.Failover or PlanStep.RestartPod { WhileMaster: true }))
        {
            draft.Wait(WaitReason.NoSuccessor, order.Shard, $"shard {order.Shard}: the switchover that was asked for waits for other work");
            return;
        }

        var candidates = view.Live.Where(p => p.Shard == order.Shard && p != master && (order.To is null || p.Name == order.To));
        if (Copies.Successor(master, candidates, view) is { } successor)
            draft.Do(new PlanStep.Failover(NodeRef.To(successor), FailoverKind.Graceful, $"shard {order.Shard}: {master.Name} hands over, as was asked"));
        else
            draft.Wait(WaitReason.NoSuccessor, order.Shard, $"shard {order.Shard}: a switchover was asked for, and {order.To ?? "no replica"} {(order.To is null ? "is" : "is not")} in sync");
    }
}
