using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Settings that can be changed while a server runs are as the spec says on every server that answers, whatever else is going on.</summary>
internal static class ConfigStage
{
    /// <summary>A server that lost its node table starts with this, so that it acknowledges nothing (see the entry script).</summary>
    private const string WritesHeldBack = "min-replicas-to-write";

    public static void Plan(TopologyView view, PlanDraft draft)
    {
        foreach (var pod in view.Live.Where(p => p.Address is not null && !p.Node!.Loading))
        {
            var values = ClaimsForeignSlots(pod, view) || WouldStop(pod, view) ? pod.Drift.Remove(WritesHeldBack) : pod.Drift;
            if (!values.IsEmpty)
                draft.Do(new PlanStep.SetConfig(NodeRef.To(pod), values));
        }
    }

    /// <summary>A master that is to take no write without a replica goes on as it does until it has one: one that is on its way out does not count. A spec that asks for both at once must not stop writes until they have started.</summary>
    private static bool WouldStop(ObservedPod pod, TopologyView view) =>
        pod is { Node: { Role: NodeRole.Master } node } && pod.Drift.TryGetValue(WritesHeldBack, out var wanted) && wanted != "0"
        && !view.SlotsOf(node.Id).IsEmpty && !view.Live.Any(p => !p.Terminating && Copies.InSync(p, pod));

    private static bool ClaimsForeignSlots(ObservedPod pod, TopologyView view) =>
        pod.Node is { Role: NodeRole.Master } node && !node.Slots.Except(view.SlotsOf(node.Id)).IsEmpty;
}
