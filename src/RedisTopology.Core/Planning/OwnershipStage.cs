using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Every slot has an owner that lives. A dead owner is succeeded by the best of its replicas; only when each copy is gone for good
/// are its slots given, empty, to another pod of the shard.
/// </summary>
internal static class OwnershipStage
{
    /// <summary>What an election may take beyond two node timeouts (one to notice, one to vote) before the operator stops waiting for it.</summary>
    private static readonly TimeSpan ElectionSlack = TimeSpan.FromSeconds(5);

    /// <summary>How long a replica is given to hear who owns which slots before it may take over all the same.</summary>
    private static readonly TimeSpan GossipTime = TimeSpan.FromSeconds(60);

    public static void Plan(DesiredTopology desired, TopologyView view, HalfOpenSlots halfOpen, SlotTargets targets, PlanDraft draft)
    {
        foreach (var owner in view.Owners.Where(id => view.LivePod(id) is null).Order(StringComparer.Ordinal))
            Succeed(owner, desired, view, draft);

        // Nobody owns anything and nobody is remembered: the cluster is being formed, or every copy of it is gone.
        var forming = view.OwnedSlots.IsEmpty;
        if (forming)
            SeparateEpochs(desired, view, draft);

        // A cluster is formed in one piece, with pod 0 of every shard as its master, unless one of those has a problem. And from all its pods, unless one has: a moment ago a pod that
        // has just ended may have been given slots, and one that is made anew may find a disk that says so.
        var wait = forming && (desired.Shards.Any(s => view.IsFirstPodAwaited(s.Name)) || Starting(view).Any());
        var taken = halfOpen.Stale.Count == 0 ? SlotSet.Empty : SlotSet.OfSlots(halfOpen.Stale.Where(c => c.Owner == c.On.Id).Select(c => c.Slot));
        foreach (var shard in desired.Shards)
        {
            var vacant = targets.For(shard.Name).Except(view.OwnedSlots).Except(taken);
            if (vacant.IsEmpty)
                SucceedEmpty(shard.Name, view, draft);
            else if (!wait)
                Occupy(shard, vacant, forming, view, draft);
        }

        foreach (var shard in view.Surplus)
            SucceedEmpty(shard, view, draft);
    }

    private static void Succeed(string owner, DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        var shard = view.IdentityOf(owner)?.Shard;
        var name = view.IdentityOf(owner)?.Name ?? owner;
        var where = shard is null ? $"master {name}" : $"shard {shard}: master {name}";
        var heir = view.Live.Where(p => p.Node!.MasterId == owner)
            .OrderByDescending(p => CanInherit(p, owner)).ThenByDescending(p => p.Node!.Offset).ThenBy(p => p.Ordinal).FirstOrDefault();
        if (heir is null)
        {
            var copies = CopiesElsewhere(owner, view);
            if (!view.IsGone(owner))
                draft.Wait(WaitReason.CopyAway, shard, $"{where} is away and no replica of it answers");
            else if (copies.Count > 0)
                draft.Wait(WaitReason.CopyAway, shard, $"{where} is gone and its copies are away: {string.Join(", ", copies)}");
            else if (BetterInformed(view) is { } better)
                draft.Wait(WaitReason.CopyAway, shard, $"{where} is gone, and {better}, which may have been given its slots before, does not answer");
            else if (KeepArrived(owner, view, draft))
                draft.Wait(WaitReason.SlotsMoving, shard, $"{where} is gone: what has gone over of the slots that were on their way stays where it is");
            else
                ForgetEverywhere(owner, lost: HasKeysOf(shard, view) ? SlotSet.Empty : view.SlotsOf(owner), view, draft);
            return;
        }

        if (ForcedElection.Plan(owner, where, heir, desired, view, draft))
            return;

        if (!view.IsConfirmedDown(owner))
        {
            draft.Wait(WaitReason.MasterUnconfirmed, shard, $"{where} does not answer, but its container is not known to be down");
            return;
        }

        if (heir.Node is { Offset: 0, Keys: 0 } && (!view.IsGone(owner) || CopiesElsewhere(owner, view).Count > 0))
        {
            draft.Wait(WaitReason.CopyAway, shard, $"{where} is down, and its replica {heir.Name} has not copied anything yet: a copy is waited for");
            return;
        }

        // Another pod of the shard may hold what was replicated under an earlier identity of the master: it goes before an heir that holds nothing.
        if (heir.Node is { Offset: 0, Keys: 0 } && view.Live.FirstOrDefault(p => p.Shard == shard && p.Node is { Keys: > 0, Loading: false } && !view.IsStray(p)) is { } copy)
        {
            if (copy.Node!.Role == NodeRole.Replica)
                draft.Do(new PlanStep.Failover(NodeRef.To(copy), FailoverKind.Takeover, $"{where} is gone and {copy.Name} holds the only copy") { From = view.IdentityOf(owner)?.Name });
            else
                draft.Do(new PlanStep.AssignSlots(NodeRef.To(copy), view.SlotsOf(owner), NewEpoch: true));
            return;
        }

        if (GossipHasIt(owner, desired, view))
        {
            draft.Wait(WaitReason.GossipElecting, shard, $"{where} is down and the other masters are electing its successor");
            return;
        }

        // A replica that never heard of its master's slots inherits none: one is promoted for its keys, then the slots are assigned to it.
        if (!CanInherit(heir, owner) && !view.IsGone(owner))
        {
            draft.Wait(WaitReason.CopyAway, shard, $"{where} is down, and its replica {heir.Name} has not heard of its slots yet");
            return;
        }

        if (!CanInherit(heir, owner) && view.Live.Any(p => p.Shard == shard && p.Node is { Role: NodeRole.Master, Keys: > 0 }))
        {
            ForgetEverywhere(owner, lost: SlotSet.Empty, view, draft);
            return;
        }

        if (IsBehind(heir, view))
        {
            draft.Wait(WaitReason.GossipSpreading, shard, $"{where} is down, and its replica {heir.Name} has not heard yet who owns which slots");
            return;
        }

        draft.Do(new PlanStep.Failover(NodeRef.To(heir), FailoverKind.Takeover, $"{where} is down and no election can replace it") { From = view.IdentityOf(owner)?.Name });
    }

    /// <summary>
    /// A shard without slots, new or about to go, whose master is away. No election comes for a master without slots. What has been moved to it so far
    /// may be in a replica only, so an empty successor is the last choice.
    /// </summary>
    private static void SucceedEmpty(string shard, TopologyView view, PlanDraft draft)
    {
        if (view.OwnedSlots.IsEmpty || view.MasterOf(shard) is not null || view.HasOwner(shard) || view.IsLeftOver(shard))
            return;
        if (ReturnedCopies.Of(shard, view) is { Count: > 0 } returned)
        {
            foreach (var pod in returned)
                draft.Do(new PlanStep.Detach(NodeRef.To(pod), pod.Node!.MasterId!, "came back from its disk with keys that have long been moved"));
            return;
        }

        if (view.Orphans(shard).FirstOrDefault() is not { } heir)
        {
            Detach(shard, view, draft);
            return;
        }

        var master = heir.Node!.MasterId!;
        var name = view.IdentityOf(master)?.Name ?? master;
        if (IsBehind(heir, view))
            draft.Wait(WaitReason.GossipSpreading, shard, $"shard {shard}: {heir.Name} has not heard yet who owns which slots");
        else if (view.IsConfirmedDown(master))
            draft.Do(new PlanStep.Failover(NodeRef.To(heir), FailoverKind.Takeover, $"shard {shard}: master {name} is down and no election replaces one without slots") { From = view.IdentityOf(master)?.Name });
        else
            draft.Wait(WaitReason.MasterUnconfirmed, shard, $"shard {shard}: master {name} does not answer, but its container is not known to be down");
    }

    /// <summary>A shard whose every pod follows a master of another one gets one of them as its own, empty master.</summary>
    private static void Detach(string shard, TopologyView view, PlanDraft draft)
    {
        if (view.IsFirstPodAwaited(shard) || view.Live.Any(p => p.Shard == shard && !view.IsStray(p)))
            return;
        if (view.Live.FirstOrDefault(p => p is { Terminating: false, Node.Loading: false } && p.Shard == shard && view.LivePod(p.Node.MasterId)?.Shard != shard) is { } first)
            draft.Do(new PlanStep.Detach(NodeRef.To(first), first.Node!.MasterId!, "follows a master of another shard"));
    }

    /// <summary>
    /// Every copy of an owner is gone, but some of its slots were on their way: who was receiving one keeps it with what has come. To be done before the owner
    /// is forgotten, because that takes the marks away with it.
    /// </summary>
    private static bool KeepArrived(string owner, TopologyView view, PlanDraft draft)
    {
        var lost = view.SlotsOf(owner);
        var kept = SlotSet.Empty;
        foreach (var pod in view.Live.Where(p => p.Node!.Role == NodeRole.Master && p.Address is not null && view.MasterOf(p.Shard) == p))
        {
            foreach (var slot in pod.Node!.OpenSlots.Where(o => o.Importing && lost.Contains(o.Slot)).Select(o => o.Slot))
            {
                if (!kept.Contains(slot))
                    draft.Do(new PlanStep.CloseSlot(NodeRef.To(pod), slot, pod.Node.Id));
                kept = kept.Union(SlotSet.OfSlots([slot]));
            }
        }

        return !kept.IsEmpty;
    }

    private static bool CanInherit(ObservedPod heir, string owner) => heir.Node!.Peer(owner) is { Slots.IsEmpty: false };

    /// <summary>
    /// One owner per failover. Gossip elects where a majority of three or more masters is alive and has noticed; it never notices a
    /// master whose address answers with another identity, and an election that has not ended in its time is not coming.
    /// </summary>
    private static bool GossipHasIt(string owner, DesiredTopology desired, TopologyView view)
    {
        var masters = view.Owners.Count;
        var alive = view.Owners.Count(id => view.LivePod(id) is not null);
        if (masters < 3 || alive <= masters / 2)
            return false;
        if (view.IsGone(owner) && !view.IsFlagged(owner) && view.IdentityOf(owner) is { } pod && view.Pod(pod.Name)?.Node is not null)
            return false;
        return view.Observed.AbsentFor.GetValueOrDefault(owner) < (2 * desired.NodeTimeout) + ElectionSlack;
    }

    /// <summary>Replicas of the owner that are away but may return, as far as peers remember them and as pods show them.</summary>
    private static List<string> CopiesElsewhere(string owner, TopologyView view) =>
        [.. view.Live.SelectMany(p => p.Node!.Peers)
            .Where(p => p.MasterId == owner && view.LivePod(p.Id) is null && !view.IsGone(p.Id))
            .Select(p => p.Pod?.Name ?? p.Id)
            .Concat(SilentMembers(view.IdentityOf(owner)?.Shard, view).Select(p => p.Name))
            .Concat(Arriving(view.IdentityOf(owner)?.Shard, view))
            .Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Pods of a shard that its StatefulSet is about to start: one may find its old disk.</summary>
    private static IEnumerable<string> Arriving(string? shard, TopologyView view)
    {
        var wanted = view.Observed.Shards.FirstOrDefault(s => s.Name == shard)?.Pods ?? 0;
        for (var ordinal = 0; ordinal < wanted; ordinal++)
        {
            var pod = view.Pod(shard!, ordinal);
            if (pod is null || (pod.Node is null && pod.SilentFor < TopologyView.FirstPodGrace))
                yield return pod?.Name ?? $"pod {ordinal} of {shard}";
        }
    }

    /// <summary>Pods of any shard that have only just been made, or are about to be: one may find on its volume the node table that says what it owns.</summary>
    private static IEnumerable<string> Starting(TopologyView view) =>
        view.Observed.Pods.Where(p => p is { Node: null, RoleLabel: null } && p.SilentFor < TopologyView.FirstPodGrace).Select(p => p.Name)
            .Concat(view.Observed.Shards.Where(s => s.ShortFor < TopologyView.FirstPodGrace && view.Observed.Pods.Count(p => p.Shard == s.Name) < s.Pods).Select(s => $"a pod of {s.Name}"));

    /// <summary>
    /// Whether a replica holds its master to own what others own by now: what was moved a moment ago, or long ago when its node table is old. A takeover takes it all, under an epoch
    /// that everyone believes. Gossip tells it within seconds; what has not come in <see cref="GossipTime"/> is not coming (two claims under one epoch).
    /// </summary>
    private static bool IsBehind(ObservedPod replica, TopologyView view) =>
        replica.Node is { Role: NodeRole.Replica, MasterId: { } master } node && node.Peer(master) is { Slots.IsEmpty: false } seen
        && view.Observed.AbsentFor.GetValueOrDefault(master) < GossipTime && !seen.Slots.Except(view.SlotsOf(master)).Intersect(view.OwnedSlots).IsEmpty;

    /// <summary>Pods of a shard that do not answer and were part of the cluster: only those have a role label. They may hold what nobody else remembers.</summary>
    private static IEnumerable<ObservedPod> SilentMembers(string? shard, TopologyView view) =>
        SilentMembers(view).Where(p => p.Shard == shard);

    /// <summary>Pods that do not answer, were masters, and are nowhere remembered with slots: what they own, only they know. That is how a cluster looks that was cut in the middle of being formed.</summary>
    private static IEnumerable<ObservedPod> SilentMasters(TopologyView view) => view.Observed.Pods.Where(p => p is { Node: null, RoleLabel: NodeRole.Master }
        && !view.Live.Any(l => l.Node!.Peers.Any(peer => peer.Pod?.Name == p.Name && !peer.Slots.IsEmpty)));

    /// <summary>
    /// A silent master, when no majority of the owners answers. Slots are handed over only where both ends see a majority, and one of any two majorities has heard of it; fewer may
    /// all remember what was long moved to the silent one. Waiting costs nothing: without a majority nobody serves.
    /// </summary>
    private static string? BetterInformed(TopologyView view) => 2 * view.Owners.Count(id => view.LivePod(id) is not null) > view.Owners.Count
        ? null
        : view.Observed.Pods.FirstOrDefault(p => p is { Node: null, RoleLabel: NodeRole.Master })?.Name;

    /// <summary>Who may hold slots that nobody who answers owns: pods of the shard and of those that are to go, and any master of whose slots nobody has heard.</summary>
    private static IEnumerable<string> Holders(string shard, TopologyView view) =>
        view.Surplus.Prepend(shard).SelectMany(s => SilentMembers(s, view)).Concat(SilentMasters(view)).Select(p => p.Name)
            .Concat(Arriving(shard, view)).Concat(Starting(view)).Append(BetterInformed(view)).OfType<string>();

    /// <summary>Pods of any shard that had a role and do not answer: a cluster of servers which know nothing is no new one beside them.</summary>
    private static IEnumerable<ObservedPod> SilentMembers(TopologyView view) => view.Observed.Pods.Where(p => p is { Node: null, RoleLabel: not null });

    private static void ForgetEverywhere(string id, SlotSet lost, TopologyView view, PlanDraft draft)
    {
        // A replica cannot forget its master; it does once it follows another.
        foreach (var pod in view.Live.Where(p => p.Node!.MasterId != id && p.Node.Peer(id) is not null))
            draft.Do(new PlanStep.Forget(NodeRef.To(pod), id, lost));
    }

    /// <summary>Whether a pod of a shard whose every copy seems gone holds keys all the same: its data outlived its node table.</summary>
    private static bool HasKeysOf(string? shard, TopologyView view) => view.Live.Any(p => p.Shard == shard && p.Node is { Role: NodeRole.Master, Keys: > 0 } && view.SlotsOf(p.Node.Id).IsEmpty);

    /// <summary>Whether forgetting an id would take away a mark that tells where keys are: it is armed anew for another id, or taken away, first.</summary>
    internal static bool HoldsMarkFor(ObservedPod pod, string id) => pod.Node!.Role == NodeRole.Master && pod.Node.OpenSlots.Any(o => o.PeerId == id);

    private static void SeparateEpochs(DesiredTopology desired, TopologyView view, PlanDraft draft)
    {
        long epoch = 0;
        foreach (var shard in desired.Shards)
        {
            for (var ordinal = 0; ordinal < shard.Pods; ordinal++)
            {
                epoch++;
                var pod = view.Live.FirstOrDefault(p => p.Shard == shard.Name && p.Ordinal == ordinal);
                if (pod?.Node is { Role: NodeRole.Master, ConfigEpoch: 0, CurrentEpoch: 0, Peers.IsEmpty: true })
                    draft.Do(new PlanStep.SetConfigEpoch(NodeRef.To(pod), epoch));
            }
        }
    }

    private static void Occupy(DesiredShard shard, SlotSet vacant, bool forming, TopologyView view, PlanDraft draft)
    {
        if ((forming ? SilentMembers(view).Select(p => p.Name) : Holders(shard.Name, view)).FirstOrDefault() is { } away)
        {
            draft.Wait(WaitReason.CopyAway, shard.Name, $"shard {shard.Name}: nobody owns slots {vacant.ToBriefString()}, and {away}, which may hold them, does not answer");
            return;
        }

        if (view.OwnerOf(shard.Name) is { } master)
        {
            draft.Do(new PlanStep.AssignSlots(NodeRef.To(master), vacant, NewEpoch: true));
            return;
        }

        // Two of its pods would own slots, when the other has been succeeded.
        if (view.HasOwner(shard.Name))
        {
            draft.Wait(WaitReason.CopyAway, shard.Name, $"shard {shard.Name}: nobody owns slots {vacant.ToBriefString()}, which go to its master once it has one");
            return;
        }

        // A copy that outlived its node table (keys without slots) is the best the shard has; else the first pod, as people expect.
        var candidates = view.Live.Where(p => p.Shard == shard.Name && p.Ordinal < shard.Pods && !p.Terminating && !p.Node!.Loading && !view.IsStray(p))
            .OrderByDescending(p => p.Node!.Keys > 0).ThenBy(p => p.Node!.Role).ThenBy(p => p.Ordinal).ToList();
        if (candidates.Count == 0)
            Detach(shard.Name, view, draft);
        if (candidates.Count == 0 || (candidates[0].Ordinal > 0 && candidates[0].Node!.Keys == 0 && view.IsFirstPodAwaited(shard.Name)))
            return;

        // What a master that lives does not hold, its replica has not heard to be gone.
        var chosen = candidates.Find(p => p == view.MasterOf(shard.Name)) ?? candidates.Find(p => p.Node!.Id == candidates[0].Node!.MasterId) ?? candidates[0];
        if (IsBehind(chosen, view))
            draft.Wait(WaitReason.GossipSpreading, shard.Name, $"shard {shard.Name}: {chosen.Name} has not heard yet who owns which slots");
        else if (chosen.Node!.Role == NodeRole.Replica)
            draft.Do(new PlanStep.Failover(NodeRef.To(chosen), FailoverKind.Takeover, $"shard {shard.Name} has no master and nobody owns its slots"));
        else
            draft.Do(new PlanStep.AssignSlots(NodeRef.To(chosen), vacant, NewEpoch: !forming));
    }
}
