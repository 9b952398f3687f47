using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>The shards a plan already changes: none of their pods is to be touched at the same time.</summary>
internal static class BusyShards
{
    public static HashSet<string> Of(PlanDraft draft, TopologyView view)
    {
        var busy = new HashSet<string>();
        foreach (var step in draft.Steps)
        {
            if (step is PlanStep.ScaleShard scale)
                busy.Add(scale.Shard);
            foreach (var pod in PodsOf(step))
            {
                if (view.Pod(pod) is { } found)
                    busy.Add(found.Shard);
            }
        }

        return busy;
    }

    /// <summary>Introductions and forgotten ids disturb nobody, nor do labels and settings.</summary>
    private static IEnumerable<string> PodsOf(PlanStep step) => step switch
    {
        PlanStep.AssignSlots assign => [assign.Node.Pod],
        PlanStep.Replicate replicate => [replicate.Replica.Pod],
        PlanStep.Detach detach => [detach.Replica.Pod],
        PlanStep.Failover failover => [failover.Replica.Pod],
        PlanStep.MoveSlots { KeysWait: true } => [],
        PlanStep.MoveSlots move => [move.Source.Pod, move.Target.Pod],
        PlanStep.CancelMigration cancel => [cancel.On.Pod],
        PlanStep.CloseSlot close => [close.On.Pod],
        PlanStep.ResizePod resize => [resize.Pod],
        PlanStep.RestartPod restart => [restart.Pod],
        _ => [],
    };
}
