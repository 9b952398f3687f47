using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// Which slots each shard is to own. Where the spec names ranges, those. Where it gives a number of shards, as many as the others have, give or take
/// one, reached by the fewest moves from where the slots stand: planned anew after any part of the moves, what is left is again the rest of a shortest way.
/// </summary>
public sealed class SlotTargets
{
    /// <summary>Free memory is compared in parts of <c>maxmemory</c> of this number: every write changes it a little, and targets should not change with every write.</summary>
    private const int MemorySteps = 16;

    private readonly Dictionary<string, SlotSet> _slots = [];

    private SlotTargets()
    {
    }

    /// <summary>Where every slot is to stand.</summary>
    /// <param name="desired">What the spec asks for.</param>
    /// <param name="view">What is.</param>
    /// <returns>The targets: disjoint, and together all slots.</returns>
    public static SlotTargets Of(DesiredTopology desired, TopologyView view) => Of(desired, view, HalfOpenSlots.Of(view));

    /// <summary>The slots a shard is to own.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>Its slots; none for a shard that is not asked for.</returns>
    public SlotSet For(string shard) => _slots.GetValueOrDefault(shard, SlotSet.Empty);

    internal static SlotTargets Of(DesiredTopology desired, TopologyView view, HalfOpenSlots halfOpen)
    {
        var targets = new SlotTargets();
        if (desired.Placement == SlotPlacement.Explicit || view.OwnedSlots.IsEmpty)
        {
            foreach (var shard in desired.Shards)
                targets._slots[shard.Name] = shard.Slots;
        }
        else
        {
            targets.Balance(desired, view, halfOpen);
        }

        return targets;
    }

    private void Balance(DesiredTopology desired, TopologyView view, HalfOpenSlots halfOpen)
    {
        var standing = Standing(view, halfOpen, out var running);
        if (IsBalanced(desired, standing))
        {
            foreach (var shard in desired.Shards)
                _slots[shard.Name] = standing[shard.Name];
            return;
        }

        var unplaced = standing.Values.Aggregate(SlotSet.All, (rest, slots) => rest.Except(slots));
        var shares = new List<Share>(desired.Shards.Length);
        foreach (var shard in desired.Shards)
        {
            // Slots that nobody owns cost nothing to place. They count as where they would be given while the cluster is being formed.
            var owned = standing.GetValueOrDefault(shard.Name, SlotSet.Empty);
            shares.Add(new Share(shard.Name, shares.Count, owned, shard.Slots.Intersect(unplaced), FreeMemory(shard.Name, view)));
        }

        SetQuotas(shares);
        var stuck = view.Observed.BlockedSlots.Count == 0 ? SlotSet.Empty : SlotSet.OfSlots(view.Observed.BlockedSlots.Keys);
        var fixedSlots = SlotSet.OfSlots(halfOpen.Moves.Select(m => m.Slot));
        foreach (var share in shares)
            share.Release(running, stuck, fixedSlots);

        // Slots of shards that go are spread by free memory; for the others every receiver is as good.
        var leaving = standing.Where(s => desired.Shards.All(d => d.Name != s.Key)).OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Value);
        var spare = leaving.Concat(shares.Select(s => s.Released)).Where(s => !s.IsEmpty).ToList();
        foreach (var receiver in shares.Where(s => s.Missing > 0).OrderByDescending(s => s.FreeMemory).ThenByDescending(s => s.Missing).ThenBy(s => s.Order))
            receiver.Fill(spare);
        foreach (var share in shares)
            _slots[share.Shard] = share.Slots;
    }

    /// <summary>
    /// The slots by the shard they stand on. Those half-way count as arrived, because they are finished first; those of a running job as well, so that it
    /// goes on while it leads to as short a way as any.
    /// </summary>
    private static Dictionary<string, SlotSet> Standing(TopologyView view, HalfOpenSlots halfOpen, out SlotSet running)
    {
        var standing = new Dictionary<string, SlotSet>();
        foreach (var id in view.Owners)
        {
            if (view.IdentityOf(id) is { } pod)
                standing[pod.Shard] = standing.GetValueOrDefault(pod.Shard, SlotSet.Empty).Union(view.SlotsOf(id));
        }

        foreach (var move in halfOpen.Moves)
            Put(standing, SlotSet.OfSlots([move.Slot]), move.Target.Shard);
        running = SlotSet.Empty;
        foreach (var job in MigrationJobs.Running(view))
        {
            if (view.IdentityOf(job.TargetId)?.Shard is not { } shard || view.LivePod(job.SourceId) is not { } source)
                continue;
            var slots = job.Slots.Intersect(view.SlotsOf(source.Node!.Id));
            running = running.Union(slots);
            Put(standing, slots, shard);
        }

        return standing;
    }

    /// <summary>Every slot stands on a shard that is asked for, none of which has two more than another: nothing is to be chosen.</summary>
    private static bool IsBalanced(DesiredTopology desired, Dictionary<string, SlotSet> standing)
    {
        var (least, all) = (HashSlot.Count / desired.Shards.Length, 0);
        foreach (var shard in desired.Shards)
        {
            var count = standing.GetValueOrDefault(shard.Name, SlotSet.Empty).Count;
            if (count < least || count > least + 1)
                return false;
            all += count;
        }

        return all == HashSlot.Count;
    }

    private static void Put(Dictionary<string, SlotSet> standing, SlotSet slots, string shard)
    {
        foreach (var (name, owned) in standing.ToList())
            standing[name] = owned.Except(slots);
        standing[shard] = standing.GetValueOrDefault(shard, SlotSet.Empty).Union(slots);
    }

    /// <summary>Whoever has more than the least share keeps one more than that, those with the most first: any other choice moves more.</summary>
    private static void SetQuotas(List<Share> shares)
    {
        var least = HashSlot.Count / shares.Count;
        var larger = HashSlot.Count % shares.Count;
        foreach (var share in shares.OrderByDescending(s => Math.Max(s.Owned.Count, least)).ThenByDescending(s => s.Total).ThenBy(s => s.Order))
            share.Quota = larger-- > 0 ? least + 1 : least;
    }

    private static long FreeMemory(string shard, TopologyView view)
    {
        if (view.MasterOf(shard)?.Node is not { MaxMemory: > 0 } node)
            return 0;
        return Math.Max(0, node.MaxMemory - node.UsedMemory) / Math.Max(1, node.MaxMemory / MemorySteps);
    }

    /// <summary>What one shard has, and what it is to have.</summary>
    private sealed class Share(string shard, int order, SlotSet owned, SlotSet unplaced, long freeMemory)
    {
        public string Shard => shard;

        public int Order => order;

        public SlotSet Owned => owned;

        public int Total => owned.Count + unplaced.Count;

        public long FreeMemory => freeMemory;

        public int Quota { get; set; }

        public SlotSet Slots { get; private set; } = owned.Union(unplaced);

        public SlotSet Released { get; private set; } = SlotSet.Empty;

        public int Missing => Quota - Slots.Count;

        /// <summary>Gives up what is above the quota: first what costs nothing to move, last what cannot be moved.</summary>
        public void Release(SlotSet running, SlotSet stuck, SlotSet halfOpen)
        {
            if (Missing >= 0)
                return;
            var kept = stuck.Union(halfOpen);
            foreach (var part in (ReadOnlySpan<SlotSet>)[unplaced, owned.Intersect(running), owned.Except(running).Except(kept), owned.Intersect(kept)])
            {
                if (Missing >= 0)
                    return;
                var given = part.Intersect(Slots).Highest(-Missing);
                Released = Released.Union(given);
                Slots = Slots.Except(given);
            }
        }

        public void Fill(List<SlotSet> spare)
        {
            for (var i = 0; i < spare.Count && Missing > 0; i++)
            {
                var taken = spare[i].Lowest(Missing);
                spare[i] = spare[i].Except(taken);
                Slots = Slots.Union(taken);
            }
        }
    }
}
