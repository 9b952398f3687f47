using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Which replicas hold what their master holds, so that nothing acknowledged is lost when one takes over or the master goes.</summary>
internal static class Copies
{
    /// <summary>
    /// A replica this far behind its master counts as in sync, bytes. Offsets of a pair are read moments apart, and a graceful
    /// failover waits for the rest with writes held back; 1 MiB is milliseconds of replication.
    /// </summary>
    private const long InSyncLag = 1024 * 1024;

    /// <summary>
    /// Offsets that differ by less count as the same, bytes. A failover that is ordered again while it is under way must go to the same replica, or the second
    /// order would end the first.
    /// </summary>
    private const long SameLag = 64 * 1024;

    public static bool InSync(ObservedPod pod, ObservedPod master) =>
        pod.Node is { Role: NodeRole.Replica, LinkUp: true, Loading: false } node
        && node.MasterId == master.Node!.Id && node.MasterHost == master.Address && master.Node.Offset - node.Offset <= InSyncLag;

    /// <summary>The replica a master can hand over to: in sync, about to stay, aware of every slot it is to take, and known to those who vote.</summary>
    public static ObservedPod? Successor(ObservedPod master, IEnumerable<ObservedPod> candidates, TopologyView view) =>
        candidates.Where(p => !p.Terminating && InSync(p, master))
            .Where(p => p.Node!.Peer(master.Node!.Id) is { } seen && seen.Slots.Equals(view.SlotsOf(master.Node.Id)))
            .Where(p => IsKnownToVoters(p, master.Node!.Id, view))
            .OrderBy(p => Math.Max(0, master.Node!.Offset - p.Node!.Offset) / SameLag).ThenBy(p => p.Ordinal).FirstOrDefault();

    /// <summary>
    /// Every master has heard that it follows this one. A master that still takes it for what it was denies it its vote, and an election that is lost is not held
    /// again for two more of its time limits (8 s with a node timeout of 2 s), while writes are held back.
    /// </summary>
    public static bool IsKnownToVoters(ObservedPod candidate, string master, TopologyView view) =>
        view.Live.Where(v => v.Node!.Role == NodeRole.Master && !view.SlotsOf(v.Node.Id).IsEmpty)
            .All(v => v.Node!.Peer(candidate.Node!.Id) is { Role: NodeRole.Replica, MasterId: { } followed } && followed == master);
}
