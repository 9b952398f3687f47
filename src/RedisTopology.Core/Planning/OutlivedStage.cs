using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Replicas that outlived the cluster they were of are emptied before anybody is introduced to them: masters of a cluster that was formed anew, under low epochs, give up their slots to what such
/// a one remembers (seen on 7.0.15: 2,000 keys to 0 within 2 s). See <see cref="TopologyView.Outlived"/>.
/// </summary>
internal static class OutlivedStage
{
    public static void Plan(TopologyView view, PlanDraft draft)
    {
        foreach (var pod in view.Outlived.Where(p => !p.Terminating && !ForgottenStage.Renews(p, view)))
        {
            draft.Do(new PlanStep.Detach(NodeRef.To(pod), pod.Node!.MasterId, "came back from its disk with the table of a cluster that is no more"));
            draft.Wait(WaitReason.GossipSpreading, pod.Shard, $"shard {pod.Shard}: {pod.Name} is to forget a cluster that is no more");
        }
    }
}
