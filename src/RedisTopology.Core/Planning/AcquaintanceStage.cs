using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Every live node knows every other by the address it has now. Gossip alone would spread the news from one introduction, but takes
/// seconds for it; introducing each pair directly forms a small cluster at once, and in a large one the ring of introductions below
/// leaves gossip only a short way.
/// </summary>
internal static class AcquaintanceStage
{
    /// <summary>
    /// Introductions one node makes per round. A full mesh for up to this many nodes; beyond it, a ring with chords, because MEETs grow
    /// with the square and each is a connection.
    /// </summary>
    private const int IntroductionsPerNode = 12;

    public static void Plan(TopologyView view, PlanDraft draft)
    {
        var nodes = view.Live.Where(p => CanMeet(view, p)).ToList();
        if (!nodes.TrueForAll(n => KnowsAll(view, n, nodes.Count - 1)))
            Introduce(view, nodes, draft);
        foreach (var pod in nodes)
        {
            if (!KnowsOwners(view, pod.Node!))
                draft.Wait(WaitReason.GossipSpreading, pod.Shard, $"shard {pod.Shard}: {pod.Name} has not heard yet who owns which slots");
        }
    }

    private static bool CanMeet(TopologyView view, ObservedPod pod) => pod.Address is not null && !pod.Node!.Loading && !view.Outlived.Contains(pod);

    private static bool KnowsAll(TopologyView view, ObservedPod pod, int others)
    {
        foreach (var peer in pod.Node!.Peers)
        {
            if (view.LivePod(peer.Id) is { } other && CanMeet(view, other) && TopologyView.Knows(peer, other))
                others--;
        }

        return others == 0;
    }

    private static void Introduce(TopologyView view, List<ObservedPod> nodes, PlanDraft draft)
    {
        var knows = Acquaintances(view, nodes);
        for (var i = 0; i < nodes.Count; i++)
        {
            var introductions = 0;
            for (var distance = 1; distance < nodes.Count && introductions < IntroductionsPerNode; distance++)
            {
                var other = (i + distance) % nodes.Count;
                if (knows[i, other])
                    continue;
                introductions++;

                // One of the pair makes the introduction: the nearer one along the ring, the earlier one when both are as near.
                var back = nodes.Count - distance;
                if (distance < back || (distance == back && i < other) || knows[other, i])
                    draft.Do(new PlanStep.Meet(NodeRef.To(nodes[i]), NodeRef.To(nodes[other])));
            }
        }

        draft.Wait(WaitReason.GossipSpreading, null, "nodes are being introduced to each other");
    }

    /// <summary>A client that starts from a node which has not heard of all owners would be sent astray, or be told that slots are not served.</summary>
    private static bool KnowsOwners(TopologyView view, ObservedNode node)
    {
        var unheard = view.SlotsOf(node.Id).IsEmpty ? view.Owners.Count : view.Owners.Count - 1;
        foreach (var peer in node.Peers)
        {
            if (!peer.Slots.IsEmpty && peer.Slots.Equals(view.SlotsOf(peer.Id)))
                unheard--;
        }

        return unheard == 0;
    }

    /// <summary>Who knows whom, as <see cref="TopologyView.Knows(ObservedPod, ObservedPod)"/> says of a pair: from one pass over all views, because asking it of each pair takes time with the cube of the nodes.</summary>
    private static bool[,] Acquaintances(TopologyView view, List<ObservedPod> nodes)
    {
        var index = new Dictionary<ObservedPod, int>(nodes.Count, ReferenceEqualityComparer.Instance);
        for (var i = 0; i < nodes.Count; i++)
            index[nodes[i]] = i;
        var knows = new bool[nodes.Count, nodes.Count];
        for (var i = 0; i < nodes.Count; i++)
        {
            foreach (var peer in nodes[i].Node!.Peers)
            {
                if (view.LivePod(peer.Id) is { } other && index.TryGetValue(other, out var at))
                    knows[i, at] = TopologyView.Knows(peer, other);
            }
        }

        return knows;
    }
}
