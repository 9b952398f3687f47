using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Settings that can be changed while a server runs are as the spec says on every server that answers, whatever else is going on.</summary>
internal static class ConfigStage
{
    public static void Plan(TopologyView view, PlanDraft draft)
    {
        foreach (var pod in view.Live.Where(p => p.Address is not null && !p.Node!.Loading && !p.Drift.IsEmpty))
            draft.Do(new PlanStep.SetConfig(NodeRef.To(pod), pod.Drift));
    }
}
