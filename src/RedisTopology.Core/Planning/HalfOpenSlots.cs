using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// The slots that some master holds to be on their way, and what becomes of each. Nothing tells which keys of such a slot have gone over and which have
/// not, so it is always finished, at the end that has begun to receive it, even when it is wanted elsewhere by now; from there it moves on.
/// </summary>
/// <remarks>
/// The marks of Redis 7 live in one server only and die with its mastership, so either may be missing:
/// <list type="table">
/// <item><term>IMPORTING and MIGRATING, or IMPORTING alone</term><description>go on, from whoever owns the slot now: after a failover of the source its new master answers nil for every key that has gone over, until it is armed again.</description></item>
/// <item><term>MIGRATING alone</term><description>go on, to the present master of the shard it is marked for: after a failover of the target that one has the keys.</description></item>
/// <item><term>MIGRATING for a shard of which nothing is left, or for the owner's own</term><description>the mark is taken away: what went over is lost or here.</description></item>
/// <item><term>MIGRATING at a server that is not the owner</term><description>the hand-over ended without it: it is told the owner.</description></item>
/// <item><term>IMPORTING at a server that is not the master of its shard</term><description>the shard's master took over from it: the mark, which would keep it from hearing of the owner, is taken away.</description></item>
/// <item><term>IMPORTING, and nobody owns the slot</term><description>every other copy is gone: the slot stays with the keys that came over.</description></item>
/// </list>
/// </remarks>
internal sealed class HalfOpenSlots
{
    private readonly List<Move> _moves = [];
    private readonly List<PlanStep.CloseSlot> _stale = [];
    private readonly List<(int Slot, ObservedPod Source, string Shard)> _awaiting = [];

    private HalfOpenSlots()
    {
    }

    /// <summary>The slots that go on, in ascending order.</summary>
    public IReadOnlyList<Move> Moves => _moves;

    /// <summary>Marks that mean nothing any more, and slots that are taken because nobody owns them.</summary>
    public IReadOnlyList<PlanStep.CloseSlot> Stale => _stale;

    /// <summary>Slots that go on once the shard that was receiving them has a master which the source knows.</summary>
    public IReadOnlyList<(int Slot, ObservedPod Source, string Shard)> Awaiting => _awaiting;

    public static HalfOpenSlots Of(TopologyView view)
    {
        var result = new HalfOpenSlots();
        if (view.Live.All(p => p.Node!.OpenSlots.IsEmpty))
            return result;
        var marks = view.Live.Where(p => p.Node!.Role == NodeRole.Master && p.Address is not null)
            .SelectMany(p => p.Node!.OpenSlots.Select(mark => (Pod: p, Mark: mark)))
            .GroupBy(m => m.Mark.Slot).OrderBy(g => g.Key);
        foreach (var slot in marks)
            result.Judge(slot.Key, [.. slot], view);
        return result;
    }

    private void Judge(int slot, List<(ObservedPod Pod, OpenSlot Mark)> marks, TopologyView view)
    {
        var importers = marks.Where(m => m.Mark.Importing && view.MasterOf(m.Pod.Shard) == m.Pod).Select(m => m.Pod).ToList();
        if (view.OwnerIdOf(slot) is not { } ownerId)
        {
            if (importers.Count > 0)
                Close(importers[0], slot, importers[0].Node!.Id);
            return;
        }

        if (view.LivePod(ownerId) is not { } owner)
            return;
        importers.Remove(owner);
        foreach (var (pod, mark) in marks)
        {
            if (pod != owner && !mark.Importing)
                Close(pod, slot, pod.Node!.Peer(ownerId)?.Role == NodeRole.Master ? ownerId : null);
            else if (mark.Importing && (pod == owner || view.MasterOf(pod.Shard) is { } master && master != pod))
                Close(pod, slot, null);
        }

        var peerId = marks.FirstOrDefault(m => m.Pod == owner && !m.Mark.Importing).Mark?.PeerId;
        if (importers.Count == 0 && peerId is null)
            return;
        var shard = peerId is null ? null : view.IdentityOf(peerId)?.Shard;
        var target = importers.Count > 0
            ? importers.OrderByDescending(p => p.Node!.Id == peerId).ThenByDescending(p => p.Shard == shard).First()
            : shard is null ? null : view.MasterOf(shard);
        if (target is not null && target != owner)
            GoOn(slot, owner, target);
        else if (target == owner || shard is null || !view.Exists(shard))
            Close(owner, slot, null);
        else
            _awaiting.Add((slot, owner, shard));
    }

    private void GoOn(int slot, ObservedPod owner, ObservedPod target)
    {
        // Neither end can be armed for a node it does not know to be a master.
        if (TopologyView.Knows(target, owner) && TopologyView.Knows(owner, target)
            && owner.Node!.Peer(target.Node!.Id)!.Role == NodeRole.Master && target.Node.Peer(owner.Node.Id)!.Role == NodeRole.Master)
            _moves.Add(new Move(slot, owner, target));
        else
            _awaiting.Add((slot, owner, target.Shard));
    }

    private void Close(ObservedPod on, int slot, string? owner) => _stale.Add(new PlanStep.CloseSlot(NodeRef.To(on), slot, owner));

    /// <summary>A slot that goes on.</summary>
    /// <param name="Slot">The slot.</param>
    /// <param name="Source">Its owner.</param>
    /// <param name="Target">Who has begun to receive it, or has succeeded the one that had.</param>
    internal sealed record Move(int Slot, ObservedPod Source, ObservedPod Target);
}
