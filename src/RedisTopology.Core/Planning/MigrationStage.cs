using System.Globalization;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Slots go to the shards that are to own them. What was left half-way comes first; then every owner hands over to one other master at a time, several
/// owners side by side, none of which receives at the same time.
/// </summary>
internal sealed class MigrationStage
{
    /// <summary>
    /// Slots in one atomic migration. It ends with a pause of writes that grows with what is in flight, and one that is no longer wanted is thrown away whole;
    /// a thirty-second of all slots keeps both small and needs few of them.
    /// </summary>
    private const int JobSlots = 512;

    /// <summary>How long a pod of a receiving shard that does not answer is waited for: what comes is better copied from the start, but a pod that cannot start must not hold it up.</summary>
    private static readonly TimeSpan ReplicaGrace = TimeSpan.FromSeconds(30);

    private readonly TopologyView _view;
    private readonly DesiredTopology _desired;
    private readonly PlanDraft _draft;
    private readonly HalfOpenSlots _halfOpen;
    private readonly SlotTargets _targets;
    private readonly HashSet<string> _busy = [];
    private readonly Dictionary<string, int> _incoming = [];

    private MigrationStage(DesiredTopology desired, TopologyView view, HalfOpenSlots halfOpen, SlotTargets targets, PlanDraft draft)
    {
        _desired = desired;
        _view = view;
        _halfOpen = halfOpen;
        _targets = targets;
        _draft = draft;
    }

    public static void Plan(DesiredTopology desired, TopologyView view, HalfOpenSlots halfOpen, SlotTargets targets, PlanDraft draft)
    {
        if (view.OwnedSlots.IsEmpty)
            return;
        var journeys = Journeys(desired, view, targets);
        if (journeys.Count == 0 && !view.IsAnythingMoving)
            return;
        var stage = new MigrationStage(desired, view, halfOpen, targets, draft);
        stage.Recover(journeys);
        stage.WatchJobs();
        foreach (var journey in journeys)
            stage.Tell(journey);

        // Where one of two has to wait for the other, the fuller one is relieved first: shards that change places are never much larger than they were.
        foreach (var source in journeys.GroupBy(j => j.Source).OrderByDescending(g => g.Key.Node!.UsedMemory))
            stage.Start([.. source]);
    }

    /// <summary>What is to go from which owner to which shard, in the order of the spec.</summary>
    private static List<Journey> Journeys(DesiredTopology desired, TopologyView view, SlotTargets targets)
    {
        var journeys = new List<Journey>();
        foreach (var id in view.Owners.Order(StringComparer.Ordinal))
        {
            if (view.LivePod(id) is not { Address: not null } source)
                continue;
            var slots = view.SlotsOf(id);
            if (ReferenceEquals(view.MasterOf(source.Shard), source) && slots.Except(targets.For(source.Shard)).IsEmpty)
                continue;
            foreach (var shard in desired.Shards)
            {
                var wanted = slots.Intersect(targets.For(shard.Name));
                if (!wanted.IsEmpty && view.MasterOf(shard.Name) != source)
                    journeys.Add(new Journey(source, shard.Name, wanted));
            }
        }

        return journeys;
    }

    private void Recover(List<Journey> journeys)
    {
        foreach (var close in _halfOpen.Stale)
            _draft.Do(close);
        foreach (var (slot, source, shard) in _halfOpen.Awaiting)
        {
            _busy.Add(source.Node!.Id);
            _draft.Wait(WaitReason.SlotsMoving, shard, Text($"shard {shard}: slot {slot} is half-way from {source.Shard} and goes on once {shard} has a master that {source.Name} knows"));
        }

        // One target at a time, so of several that one comes first that holds the lowest open slot.
        foreach (var open in _halfOpen.Moves.GroupBy(m => m.Source.Node!.Id))
        {
            var (source, target) = (open.First().Source, open.First().Target);
            if (!MayMove(source, target))
            {
                _draft.Wait(WaitReason.SlotsMoving, target.Shard, $"shard {target.Shard}: {source.Name} hands over to {target.Name} once what goes the other way has arrived");
                continue;
            }

            var slots = SlotSet.OfSlots(open.Where(m => m.Target == target).Select(m => m.Slot));
            if (Versions.IsNewer(source, target))
            {
                _draft.Wait(WaitReason.SlotsMoving, target.Shard, $"shard {target.Shard}: slots {slots.ToBriefString()} are half-way from {source.Shard} and are finished once {TooOld(source, target)}");
                Move(source, target, slots, SlotMigration.Keys, keysWait: true);
                continue;
            }

            var rest = journeys.FirstOrDefault(j => j.Source == source && _view.MasterOf(j.Shard) == target);
            if (rest is null || !slots.Except(rest.Slots).IsEmpty)
                _draft.Wait(WaitReason.SlotsMoving, target.Shard, $"shard {target.Shard}: slots {slots.ToBriefString()} are half-way from {source.Shard} and are finished first");
            if (rest is not null && journeys.All(j => j.Source != target) && Way(source, target) == SlotMigration.Keys && Obstacle(source, target) is null && !IsFull(target))
                slots = slots.Union(Movable(rest.Slots));
            Move(source, target, slots, SlotMigration.Keys);
        }
    }

    private void WatchJobs()
    {
        foreach (var job in MigrationJobs.Running(_view))
        {
            _busy.Add(job.SourceId);
            var source = _view.LivePod(job.SourceId);
            var target = _view.IdentityOf(job.TargetId);
            if (source is not null && target is not null && job.Slots.Except(_targets.For(target.Shard)).IsEmpty && _view.MasterOf(target.Shard)?.Node!.Id == job.TargetId)
            {
                Count(job.TargetId);
                _draft.Wait(WaitReason.SlotsMoving, target.Shard, Text($"shard {target.Shard}: {job.Slots.Count} slots are being copied from {source.Shard} at once"));
            }
            else if (MigrationJobs.OrdererOf(job, _view) is { Address: not null } orderer)
            {
                _draft.Do(new PlanStep.CancelMigration(NodeRef.To(orderer), job.Id));
            }
        }
    }

    private void Tell(Journey journey)
    {
        _draft.Wait(WaitReason.SlotsMoving, journey.Shard, Text($"shard {journey.Shard}: {journey.Slots.Count} slots are on their way from {journey.Source.Shard}"));
        foreach (var (slot, why) in _view.Observed.BlockedSlots)
        {
            if (journey.Slots.Contains(slot))
                _draft.Wait(WaitReason.SlotBlocked, journey.Shard, $"shard {journey.Shard}: {why}");
        }
    }

    /// <summary>Of the shards that are to receive from this source the one that fewest others are sending to, among those that can receive.</summary>
    private void Start(List<Journey> journeys)
    {
        var source = journeys[0].Source;
        var ready = new List<(Journey Journey, ObservedPod Target, SlotSet Slots)>();
        foreach (var journey in journeys)
        {
            if (_view.MasterOf(journey.Shard) is not { } target)
                continue;
            var slots = Movable(journey.Slots);
            if (slots.IsEmpty)
                continue;
            if (IsFull(target))
                _draft.Wait(WaitReason.TargetFull, journey.Shard, $"shard {journey.Shard}: {target.Name} has no memory for the slots that are to come from {source.Shard}, and nothing may be evicted");
            else if (Obstacle(source, target) is { } obstacle)
                _draft.Wait(WaitReason.SlotsMoving, journey.Shard, $"shard {journey.Shard}: slots of {source.Shard} come once {obstacle}");
            else
                ready.Add((journey, target, slots));
        }

        if (_busy.Contains(source.Node!.Id))
            return;
        foreach (var (_, target, slots) in ready.Where(r => MayMove(source, r.Target)).OrderBy(r => _incoming.GetValueOrDefault(r.Target.Node!.Id)))
        {
            var way = Way(source, target);
            if (way == SlotMigration.ToTarget && _incoming.GetValueOrDefault(target.Node!.Id) > 0)
                continue;
            Move(source, target, way == SlotMigration.Keys ? slots : slots.Lowest(JobSlots), way);
            return;
        }
    }

    private void Move(ObservedPod source, ObservedPod target, SlotSet slots, SlotMigration way, bool keysWait = false)
    {
        _busy.Add(source.Node!.Id);
        Count(target.Node!.Id);
        _draft.Do(new PlanStep.MoveSlots(NodeRef.To(source), NodeRef.To(target), slots, way) { KeysWait = keysWait });
    }

    /// <summary>
    /// A server never hands over and receives at the same time. Two that send to each other would wait for each other, each deaf in its <c>MIGRATE</c>. And a receiver takes a
    /// new epoch for each slot, under which it would once more claim a slot it has just given away: both ends then hold the other to be its owner (seen on 7.0.15).
    /// </summary>
    private bool MayMove(ObservedPod source, ObservedPod target) =>
        !_incoming.ContainsKey(source.Node!.Id) && !_busy.Contains(target.Node!.Id);

    private void Count(string targetId) => _incoming[targetId] = _incoming.GetValueOrDefault(targetId) + 1;

    private SlotSet Movable(SlotSet slots) =>
        _view.Observed.BlockedSlots.Count == 0 ? slots : slots.Except(SlotSet.OfSlots(_view.Observed.BlockedSlots.Keys));

    private static string TooOld(ObservedPod source, ObservedPod target) =>
        $"{target.Name} ({target.Node!.Version}), which cannot read the keys of {source.Name} ({source.Node!.Version}), is as new";

    /// <summary>Both ends must know the same better way; servers of two kinds, as in the middle of an upgrade, understand each other key by key.</summary>
    private static SlotMigration Way(ObservedPod source, ObservedPod target) =>
        source.Node!.Migration == target.Node!.Migration ? source.Node.Migration : SlotMigration.Keys;

    /// <summary>A tenth is left for what is written meanwhile and for the buffers of the replicas.</summary>
    private bool IsFull(ObservedPod target) =>
        _desired.NoEviction && target.Node is { MaxMemory: > 0 } node && node.UsedMemory >= node.MaxMemory / 10 * 9;

    /// <summary>What must happen before more slots may go from one pod to another, as the end of a sentence; null when they may.</summary>
    private string? Obstacle(ObservedPod source, ObservedPod target)
    {
        foreach (var pod in (ReadOnlySpan<ObservedPod>)[source, target])
        {
            if (pod.Terminating)
                return $"{pod.Name}, which is being deleted, is back";
            if (pod.Node!.Loading)
                return $"{pod.Name} has loaded its data";
            if (pod.Node.Role != NodeRole.Master)
                return $"{pod.Name} has become a master";
            if (!pod.Node.ClusterOk)
                return $"{pod.Name} says cluster_state:ok";
        }

        if (IsLeaving(target))
            return $"{target.Name}, which is to be removed, has handed over or gone";
        if (Versions.IsNewer(source, target))
            return TooOld(source, target);
        if (_view.Observed.Shards.All(s => s.Name != target.Shard))
            return $"{target.Shard} has a StatefulSet";
        if (target.Address is null || !Trusts(source, target) || !Trusts(target, source))
            return $"{source.Name} and {target.Name} know each other";

        // It is about to be reset, and with it what came (seeds 1001884 and 1033947).
        if (ForgottenStage.Renews(target, _view))
            return $"{target.Name} has another id";

        // Who refuses it, as servers do a minute long with one that was forgotten, tells the others to, and the slots it has would be nobody's to them.
        if (_view.Owners.Select(_view.LivePod).FirstOrDefault(p => p is not null && p != target && !TopologyView.Knows(p, target)) is { } stranger)
            return $"{stranger.Name} knows {target.Name}";
        if (IsDoubted(target))
            return $"everyone has heard that {target.Name} is alive";

        // Whatever is moved is copied to the replicas as it comes: those that can be there are.
        foreach (var pod in _view.Observed.Pods)
        {
            if (pod.Shard != target.Shard || pod == target || pod.Terminating || !IsWanted(pod) || (pod.Node is { } node && !_view.SlotsOf(node.Id).IsEmpty))
                continue;
            if (pod.Node is null ? pod.SilentFor < ReplicaGrace : pod.Node.MasterId != target.Node!.Id || pod.Node.MasterHost != target.Address || !pod.Node.LinkUp)
                return $"{pod.Name} follows {target.Name}";
        }

        return null;
    }

    /// <summary>
    /// Some hold the server failed, or are about to agree on it, from the time it was away. They would hold it to have failed with the slots that are given to it, and
    /// elect its replica.
    /// </summary>
    private bool IsDoubted(ObservedPod target)
    {
        var suspecting = 0;
        foreach (var pod in _view.Live)
        {
            var health = pod.Node!.Peer(target.Node!.Id)?.Health;
            if (health == PeerHealth.Failed)
                return true;
            if (health == PeerHealth.Suspect && !_view.SlotsOf(pod.Node.Id).IsEmpty)
                suspecting++;
        }

        return suspecting > 0 && suspecting >= _view.Owners.Count / 2;
    }

    /// <summary>
    /// A master that goes at any moment: its StatefulSet no longer asks for it, or will not as soon as it is looked at, since a master with nothing in it is removed without a successor
    /// (<see cref="TidyingStage"/>). What came to it now would go with it.
    /// </summary>
    private bool IsLeaving(ObservedPod target) => target.Ordinal >= _view.StatefulSet(target.Shard)?.Pods
        || (!IsWanted(target) && target.Node!.Keys == 0 && _view.SlotsOf(target.Node.Id).IsEmpty);

    private static bool Trusts(ObservedPod who, ObservedPod whom) =>
        TopologyView.Knows(who, whom) && who.Node!.Peer(whom.Node!.Id) is { Role: NodeRole.Master, Health: not PeerHealth.Failed };

    private bool IsWanted(ObservedPod pod) => _desired.Shards.FirstOrDefault(s => s.Name == pod.Shard) is not { } shard || pod.Ordinal < shard.Pods;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Slots that are to go from an owner to a shard.</summary>
    private sealed record Journey(ObservedPod Source, string Shard, SlotSet Slots);
}
