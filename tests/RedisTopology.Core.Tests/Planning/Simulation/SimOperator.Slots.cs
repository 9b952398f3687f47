using System.Collections.Immutable;
using System.Numerics;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The slot mover: what it does within one step, and everything that can end it in the middle.</summary>
internal sealed partial class SimOperator
{
    /// <summary>How long a slot with a big key is left alone, ticks.</summary>
    private const int BlockFor = 12;

    private readonly Dictionary<int, int> _blocked = [];
    private readonly Dictionary<string, int> _removed = [];

    /// <summary>StatefulSets it has made, and when: the cache does not show them for a while.</summary>
    private readonly Dictionary<string, int> _made = [];

    /// <summary>Pods it has deleted: the cache shows them as if nothing had happened for a while. A new process has read everything anew.</summary>
    private readonly HashSet<string> _deleted = [];

    /// <summary>Something ended a hand-over in the middle since the last look.</summary>
    private bool _interrupted;

    private bool Crashed => _crashedUntil > world.Now;

    private bool Move(PlanStep.MoveSlots move)
    {
        if (Check(move.Source) is not { } source || Check(move.Target) is not { } target)
            return false;
        target.Admit();
        if (move.Way != SlotMigration.Keys)
            return cluster.StartJob(source, target, cluster.Atoms.Mask(move.Slots));

        // Slots that are open already come first.
        var left = move.Slots;
        foreach (var slot in source.Observe().OpenSlots.Concat(target.Observe().OpenSlots).Select(o => o.Slot).Distinct().Where(left.Contains).ToList())
        {
            left = left.Except(SlotSet.OfSlots([slot]));
            if (!Hand(source, target, cluster.Atoms.Single(slot), mayStop: true))
                return false;
        }

        for (var budget = 1 + world.Random.Next(5); budget > 0 && !left.IsEmpty; budget--)
        {
            var atom = BitOperations.TrailingZeroCount(cluster.Atoms.Mask(left));
            var part = cluster.Atoms.Set(1UL << atom);
            var hot = cluster.HotSlots.Where(part.Contains).ToList();
            if (hot.Find(cluster.BigSlots.Contains) is var big && cluster.BigSlots.Contains(big))
            {
                _blocked[big] = world.Now + BlockFor;
                left = left.Except(SlotSet.OfSlots([big]));
                continue;
            }

            // Most slots are done when the time is over or something fails; one may be half-way.
            var single = hot.Count > 0 && world.Random.Next(3) == 0;
            if (single)
            {
                part = SlotSet.OfSlots([hot[world.Random.Next(hot.Count)]]);
                atom = cluster.Atoms.Single(part.Ranges[0].First);
            }

            if (!Hand(source, target, atom, mayStop: single))
                return false;
            left = left.Except(part);
        }

        return true;
    }

    /// <summary>One slot (or many, when nothing is to come between), key by key.</summary>
    private bool Hand(RedisServer source, RedisServer target, int atom, bool mayStop)
    {
        if (!source.Reaches(target) || !MayClaim(target, source) || !target.SetImporting(atom, source.Id))
            return false;
        if (mayStop && Stops())
            return false;
        if (!source.SetMigrating(atom, target.Id))
        {
            if (!mayStop)
                target.SetStable(atom);
            return false;
        }

        foreach (var key in source.KeysIn(1UL << atom))
        {
            if (mayStop && Stops())
                return false;
            target.Write(key);
            source.Remove(key);
        }

        if (mayStop && Stops())
            return false;
        if (target.SetOwner(atom, target.Id))
            cluster.Moved += cluster.Atoms.SizeOf(1UL << atom);
        if (mayStop && Stops())
            return false;

        // Nobody is told but by the target, and the source is not made to let go before it has heard.
        _interrupted |= source.OwnerOf(atom) == source.Id;
        return source.OwnerOf(atom) != source.Id && source.SetOwner(atom, target.Id);
    }

    /// <summary>A claim under an epoch that is not above the source's does not last; while two have the same, neither can raise its own.</summary>
    private static bool MayClaim(RedisServer target, RedisServer source)
    {
        if (target.ConfigEpoch <= source.ConfigEpoch)
            target.BumpEpoch();
        return target.ConfigEpoch > source.ConfigEpoch;
    }

    private bool Stops()
    {
        if (world.OperatorCrashes && world.Random.Next(30) == 0)
        {
            world.Trace($"{cluster.Name} operator: CRASH in the middle of a slot");
            world.Events.Count("operator killed in a slot");
            Crash(1 + world.Random.Next(4));
        }

        var stops = Crashed || world.Random.Next(12) == 0;
        _interrupted |= stops;
        return stops;
    }

    private bool Close(PlanStep.CloseSlot close)
    {
        if (Check(close.On) is not { } on)
            return false;
        var atom = cluster.Atoms.Single(close.Slot);
        if (close.Owner is null)
            return on.SetStable(atom);
        return (close.Owner == on.Id || on.SetStable(atom)) && on.SetOwner(atom, close.Owner);
    }

    private bool Cancel(PlanStep.CancelMigration cancel) => Check(cancel.On) is not null && cluster.Jobs.RemoveAll(j => j.Id == cancel.JobId) > 0;

    private bool RemoveShard(string shard)
    {
        // The last look before the objects go.
        var pods = cluster.Kubernetes.Pods.Values.Where(p => p.Identity.Shard == shard).ToList();
        foreach (var server in pods.Select(p => Contact(p.Address)).Where(s => s?.Cluster == cluster))
        {
            if (!server!.Replica && (server.Claims != 0 || server.Keys.Count > 0))
                return false;
        }

        world.Invariants.Removing(cluster, shard);
        cluster.Kubernetes.StatefulSets.Remove(shard);
        _removed[shard] = world.Now;
        return true;
    }

    /// <summary>What this process has removed is not there for it any more, however late the watch cache is.</summary>
    private bool WasRemoved(string shard, KubernetesSnapshot cached) => _removed.TryGetValue(shard, out var at) && cached.At <= at;

    /// <summary>What this process has made and the cache does not show yet; the API server is asked.</summary>
    private List<ObservedShard> Made(KubernetesSnapshot cached)
    {
        var made = new List<ObservedShard>();
        foreach (var (shard, at) in _made.ToList())
        {
            if (cached.At > at || !cluster.Kubernetes.StatefulSets.TryGetValue(shard, out var pods))
                _made.Remove(shard);
            else if (cached.Shards.All(s => s.Name != shard))
                made.Add(new ObservedShard(shard, pods));
        }

        return made;
    }

    private ImmutableSortedDictionary<int, string> BlockedSlots()
    {
        if (_blocked.Count == 0)
            return ImmutableSortedDictionary<int, string>.Empty;
        foreach (var slot in _blocked.Where(b => b.Value <= world.Now).Select(b => b.Key).ToList())
            _blocked.Remove(slot);
        return _blocked.ToImmutableSortedDictionary(b => b.Key, _ => "a key is too big");
    }
}
