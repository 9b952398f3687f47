using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// A lost master of three or more is succeeded by an election that the operator has held: left to themselves the servers wait for a node timeout and for a second one to flag it, and the
/// replica then for up to a second more. It is an election all the same: a majority of the masters votes, under a new epoch. But they vote for it also while the master lives.
/// So its process must be known to have ended, and then it is held at once. Or it has been silent for a node timeout, and there are two who miss it, the operator and a server, and no server that still hears it.
/// </summary>
internal static class ForcedElection
{
    /// <summary>How long an order stands: so long the engine tries, and a second order would begin it anew.</summary>
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(5);

    /// <summary>Under bounded durability a master without its replicas acknowledges writes for <c>min-replicas-max-lag</c> (2 s), counted once a second: those count as kept.</summary>
    private static readonly TimeSpan Acknowledging = TimeSpan.FromSeconds(3);

    /// <summary>What an election takes, and several times that: two at once have the same epoch, in which a master votes once, and one that is lost is not held again for four node timeouts.</summary>
    private static readonly TimeSpan Voting = TimeSpan.FromSeconds(1);

    /// <summary>Between looks, once only the flag of a server, or the end of an election, is missing.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    /// <summary>Orders the election of an heir, or says when to look again.</summary>
    /// <param name="owner">The node id of a master with slots that does not answer.</param>
    /// <param name="where">It and its shard, for messages.</param>
    /// <param name="heir">Who is to succeed it: it holds what its master held, as far as any replica does, and knows its slots.</param>
    /// <param name="desired">What is asked for.</param>
    /// <param name="view">The reading.</param>
    /// <param name="draft">The plan.</param>
    /// <returns>True when the succession is in the operator's hand, so that nothing else is to be done about it.</returns>
    public static bool Plan(string owner, string where, ObservedPod heir, DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        if (IsUnderWay(owner, view))
        {
            draft.LookIn(Soon);
            draft.Wait(WaitReason.GossipElecting, heir.Shard, $"{where} does not answer, and the masters vote on {heir.Name} by the operator's order");
            return true;
        }

        if (view.IdentityOf(owner) is not { } lost || view.Pod(lost.Name) is not { Node: null } master || heir.Shard != master.Shard || !CanBeHeld(owner, heir, view))
            return false;
        if (desired.BoundsLoss && !HoldsAllThatWasAcknowledged(owner, master, desired, view))
            return false;
        if (master.Ended && !desired.LogsWrites && !view.Observed.Elections.ContainsKey(owner))
        {
            // What has reached a replica it has read once its link is down.
            if (IsLetGo(owner, view))
                return Hold("'s process has ended");
            draft.LookIn(Soon);
        }

        var patience = desired.BoundsLoss && desired.NodeTimeout < Acknowledging ? Acknowledging : desired.NodeTimeout;
        if (master.SilentFor < patience)
        {
            draft.LookIn(patience - master.SilentFor);
            return false;
        }

        if (Witness(owner, view) is not { } witness)
        {
            // What they have not noticed by then they do not miss: the operator is the one who is cut off.
            if (master.SilentFor < 2 * patience)
                draft.LookIn(Soon);
            return false;
        }

        return Hold($" has not answered the operator for {(int)master.SilentFor.TotalSeconds} s, nor {witness}");

        bool Hold(string why)
        {
            if (IsAnotherHeld(view, draft))
            {
                draft.LookIn(Soon);
                draft.Wait(WaitReason.GossipElecting, heir.Shard, $"{where} does not answer, and an election for it waits for that of another shard");
            }
            else
            {
                draft.Do(new PlanStep.Failover(NodeRef.To(heir), FailoverKind.Forced, $"{where}{why}") { From = master.Name });
            }

            return true;
        }
    }

    private static bool IsAnotherHeld(TopologyView view, PlanDraft draft) =>
        view.Observed.Elections.Any(e => e.Value.Ago < Voting && IsUnderWay(e.Key, view)) || draft.Steps.Any(s => s is PlanStep.Failover { Kind: FailoverKind.Forced });

    /// <summary>No server has a link to the owner any more, neither the bus' nor a replica's.</summary>
    private static bool IsLetGo(string owner, TopologyView view) =>
        view.Live.All(p => p.Node!.Peer(owner) is not { Connected: true } && (p.Node.MasterId != owner || !p.Node.LinkUp));

    /// <summary>An election was ordered and can still come to something: whoever stands answers and is not a master yet.</summary>
    private static bool IsUnderWay(string owner, TopologyView view) =>
        view.Observed.Elections.TryGetValue(owner, out var order) && order.Ago < Attempt && view.LivePod(order.Replica) is { Node.Role: NodeRole.Replica };

    /// <summary>
    /// Whether it can be won: a majority of three owners or more answers, the operator and the heir, and has heard that the heir follows the owner, which is the condition of a vote. The heir
    /// must hold something, and no old opinion of who owns which slots.
    /// </summary>
    private static bool CanBeHeld(string owner, ObservedPod heir, TopologyView view) =>
        view.Owners.Count >= 3 && 2 * view.Owners.Count(id => view.LivePod(id) is not null && heir.Node!.Peer(id) is { Connected: true, Health: PeerHealth.Ok }) > view.Owners.Count
        && heir is { Terminating: false, Node: { Loading: false } node } && (node.Offset > 0 || node.Keys > 0)
        && node.Peer(owner) is { } seen && seen.Slots.Equals(view.SlotsOf(owner))
        && Copies.IsKnownToVoters(heir, owner, view);

    /// <summary>What a master acknowledged under bounded durability is in one of its replicas at least: in the best of them, when each of them can be compared.</summary>
    private static bool HoldsAllThatWasAcknowledged(string owner, ObservedPod master, DesiredTopology desired, TopologyView view)
    {
        var others = view.Observed.Pods.Where(p => p.Shard == master.Shard && p != master).ToList();
        return others.Count >= desired.Shards.FirstOrDefault(s => s.Name == master.Shard)?.Replicas && others.TrueForAll(p => p.Node?.MasterId == owner);
    }

    /// <summary>A server that flags the owner; null when none does, or while another one heard it within the node timeout.</summary>
    private static string? Witness(string owner, TopologyView view)
    {
        string? witness = null;
        foreach (var pod in view.Live)
        {
            if (pod.Node!.Peer(owner) is not { } seen)
                continue;
            if (seen.Heard)
                return null;
            if (seen.Health is PeerHealth.Suspect or PeerHealth.Failed)
                witness ??= pod.Name;
        }

        return witness;
    }
}
