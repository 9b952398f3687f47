using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Replicas of a shard without slots that left the cluster, were forgotten by it, and come back from their disks: pods of a shard that is wanted again, or wider again. Their keys are
/// from before the shard's slots were moved away. Promoted, such a copy would bring back what was deleted since, with the first slot that comes (seen on 7.0.15).
/// </summary>
internal static class ReturnedCopies
{
    /// <summary>
    /// Those whose keys are certainly old. Every slot has an owner that answers, so whatever is current is served there; none of the owners lists the server, so it did not follow what
    /// was moved to its shard: a server is forgotten only with nothing to its name, and a member is listed by all. And nothing is on its way to or from the shard.
    /// </summary>
    /// <param name="shard">A shard of which no pod owns slots.</param>
    /// <param name="view">The reading.</param>
    /// <returns>The pods.</returns>
    public static List<ObservedPod> Of(string shard, TopologyView view)
    {
        if (!view.OwnedSlots.Equals(SlotSet.All) || view.IsMovingSlots(shard))
            return [];
        return [.. view.Orphans(shard).Where(p => p.Node is { Keys: > 0, Loading: false } && IsListedByNoOwner(p.Node.Id, view))];
    }

    private static bool IsListedByNoOwner(string id, TopologyView view) =>
        view.Owners.All(owner => view.LivePod(owner)?.Node is { } node && node.Peer(id) is null);
}
