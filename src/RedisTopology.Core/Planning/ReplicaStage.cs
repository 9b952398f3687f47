using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Every pod of a shard but its master follows that master, at the address the master has now.</summary>
internal static class ReplicaStage
{
    public static void Plan(TopologyView view, PlanDraft draft)
    {
        foreach (var pod in view.Live)
        {
            // The shards that go keep their replicas until they are empty.
            if (view.MasterOf(pod.Shard) is { } master && !ReferenceEquals(pod, master) && !ForgottenStage.Renews(pod, view) && !view.Outlived.Contains(pod)
                && !(view.Surplus.Contains(pod.Shard) && SurplusStage.Hindrance(pod.Shard, view) is null))
                Follow(pod.Shard, pod, master, view, draft);
        }

        foreach (var pod in view.Live)
        {
            if (!pod.Node!.ClusterOk)
                draft.Wait(WaitReason.ClusterNotOk, pod.Shard, $"shard {pod.Shard}: pod {pod.Name} says cluster_state:fail");
        }
    }

    private static void Follow(string shard, ObservedPod pod, ObservedPod master, TopologyView view, PlanDraft draft)
    {
        var node = pod.Node!;
        if (node.Role == NodeRole.Master && (!node.Slots.IsEmpty || !view.SlotsOf(node.Id).IsEmpty))
        {
            // Its claim lost against a newer one; the first word it hears from a peer makes it a replica.
            draft.Wait(WaitReason.GossipSpreading, shard, $"shard {shard}: {pod.Name} has not yet heard that {master.Name} is the master");
            return;
        }

        if (node.Role == NodeRole.Master && node.Keys > 0)
        {
            draft.Wait(WaitReason.UnexpectedKeys, shard, $"shard {shard}: {pod.Name} is a master without slots and holds {node.Keys} keys{SurplusStage.UnservedKeys}");
            return;
        }

        var follows = node.Role == NodeRole.Replica && node.MasterId == master.Node!.Id;
        if (!TopologyView.Knows(pod, master))
        {
            draft.Wait(WaitReason.GossipSpreading, shard, $"shard {shard}: {pod.Name} does not know {master.Name} yet");
        }
        else if (!follows && node.Peer(master.Node!.Id)!.Health == PeerHealth.Failed)
        {
            // A replica that holds its master failed stands for election, even one that has not copied anything yet.
            draft.Wait(WaitReason.GossipSpreading, shard, $"shard {shard}: {pod.Name} has not yet heard that {master.Name} is alive");
        }
        else if (!follows || node.MasterHost != master.Address)
        {
            draft.Do(new PlanStep.Replicate(NodeRef.To(pod), NodeRef.To(master)));
            draft.Wait(WaitReason.ReplicaSyncing, shard, $"shard {shard}: {pod.Name} is to follow {master.Name}");
        }
        else if (!node.LinkUp)
        {
            draft.Wait(WaitReason.ReplicaSyncing, shard, $"shard {shard}: {pod.Name} is synchronising with {master.Name}" + (Versions.IsNewer(master, pod)
                ? $", in vain: version {node.Version} reads no copy of version {master.Node!.Version}; set spec.engine.version to that one or a newer one" : ""));
        }
    }
}
