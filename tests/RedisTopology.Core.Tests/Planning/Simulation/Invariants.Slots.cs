namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What must hold while slots are moved and shards come and go.</summary>
internal sealed partial class Invariants
{
    /// <summary>Observations within which keys that have gone over must be found again. The one that sees it first is one.</summary>
    private const int FalseNilBound = 2;

    private readonly Dictionary<(string Cluster, int Slot), int> _falseNils = [];

    /// <summary>A shard goes only with nothing in it. While a cluster is being formed a server may own slots that nobody has heard of.</summary>
    public void Removing(SimCluster cluster, string shard)
    {
        if (!cluster.Formed)
            return;
        foreach (var server in cluster.Kubernetes.Disks.Where(d => d.Pod.Shard == shard))
        {
            for (var atom = 0; atom < cluster.Atoms.Count; atom++)
            {
                if (cluster.TrueOwner(atom) == server)
                    throw new SimulationException($"shard {shard} is removed although {server.Pod.Name} owns slots");
            }

            if (!world.Planned && !server.Running)
                continue;
            foreach (var key in server.Keys)
            {
                if (!world.WasDeleted(key) && !cluster.Servers.Any(s => s.Pod.Shard != shard && s.Keys.Contains(key)) && (world.Planned || !server.Replica) && server.OperatorCutUntil <= world.Now)
                    throw new SimulationException($"shard {shard} is removed with key {key} in {server.Pod.Name}, which nobody else has");
            }
        }
    }

    /// <summary>What a server that is emptied holds is held by who it follows, who runs and is of another shard; or each key by another server.</summary>
    public void Detaching(RedisServer replica)
    {
        if (replica.Cluster.Servers.FirstOrDefault(s => s.Id == replica.MasterId) is { } master && master.Pod.Shard != replica.Pod.Shard)
            return;
        var others = replica.Cluster.Servers.Where(s => s != replica).SelectMany(s => s.Keys).ToHashSet();
        if (replica.Keys.Any(key => !others.Contains(key) && !world.WasDeleted(key)))
            throw new SimulationException($"{replica.Pod.Name} is made an empty master and holds keys that no other server holds");
    }

    /// <summary>
    /// A source that was succeeded in the middle of a slot answers nil for keys that have gone over. It is armed again by the plan of the very next look that sees
    /// both ends know each other.
    /// </summary>
    public void FalseNils(SimCluster cluster, bool disturbed)
    {
        var seen = new List<int>();
        foreach (var target in cluster.Servers)
        {
            if (!target.HasMarks || target.Replica || target.OperatorCutUntil > world.Now || target.PeerCutUntil > world.Now || target.Loading)
                continue;
            for (var atom = 0; atom < cluster.Atoms.Count; atom++)
            {
                if (target.ImportingFrom(atom) is null || cluster.TrueOwner(atom) is not { } owner || owner == target || owner.MigratingTo(atom) is not null)
                    continue;
                if (owner.OperatorCutUntil > world.Now || owner.PeerCutUntil > world.Now || owner.Loading || !Acquainted(owner, target) || !Acquainted(target, owner))
                    continue;
                if (target.KeysIn(1UL << atom).Any(key => !owner.Keys.Contains(key) && !world.WasDeleted(key)))
                    seen.Add(cluster.Atoms.FirstSlot(atom));
            }
        }

        if (seen.Count == 0 && _falseNils.Count == 0)
            return;
        foreach (var id in _falseNils.Keys.Where(k => k.Cluster == cluster.Name && !seen.Contains(k.Slot)).ToList())
            _falseNils.Remove(id);
        foreach (var slot in seen)
        {
            var count = _falseNils[(cluster.Name, slot)] = disturbed ? 0 : _falseNils.GetValueOrDefault((cluster.Name, slot)) + 1;
            if (count > FalseNilBound)
                throw new SimulationException($"keys of slot {slot} that have gone over are not found for {count} observations");
        }
    }

    /// <summary>Once a cluster is formed, no slot is without an owner in a planned operation, unless a shard in one place has to restart there.</summary>
    private void Owned(SimCluster cluster)
    {
        if (!world.Planned || !cluster.Formed || cluster.Lacks)
            return;
        for (var atom = 0; atom < cluster.Atoms.Count; atom++)
        {
            if (cluster.TrueOwner(atom) is null)
                throw new SimulationException($"nobody owns slot {cluster.Atoms.FirstSlot(atom)}");
        }
    }

    private static bool Acquainted(RedisServer who, RedisServer whom) => who.Known(whom.Id) is { Replica: false, NoAddress: false } known && known.Address == whom.Address;
}
