using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What must hold at every step, checked against what is, not against what the operator believes.</summary>
internal sealed partial class Invariants(World world)
{
    private readonly Dictionary<string, int> _promotions = [];
    private readonly Dictionary<string, int> _promotionsAllowed = [];

    // A replica in sync with an empty master, which got its first keys and died before it passed them on. And whoever the engine elects:
    // with cluster-replica-validity-factor 0 even one that never finished its first copy, which no operator can prevent.
    private readonly HashSet<RedisServer> _rightfullyEmpty = [];
    private readonly Dictionary<string, (RedisServer Heir, int At, bool OperatorDied)> _forced = [];
    private int _plans;

    /// <summary>A spec edit that removes the pod of the master allows one failover of that shard.</summary>
    public void AllowPromotion(SimCluster cluster, string shard) =>
        _promotionsAllowed[cluster.Name + shard] = _promotionsAllowed.GetValueOrDefault(cluster.Name + shard) + 1;

    public void Promoted(RedisServer server, string by)
    {
        world.Events.Count($"promotion by {by}");
        if (by.EndsWith("election", StringComparison.Ordinal) || server.Offset > 0)
            _rightfullyEmpty.Add(server);

        // A shard that was removed and is wanted again may find its pods half gone, or on its volumes what it once had. Nobody is served from it.
        if (!world.Planned || server.Claims == 0)
            return;
        PromotedAsPlanned(server, by);
        var shard = server.Cluster.Name + server.Pod.Shard;
        _promotions[shard] = _promotions.GetValueOrDefault(shard) + 1;
        if (_promotions[shard] > _promotionsAllowed.GetValueOrDefault(shard))
            throw new SimulationException($"{_promotions[shard]} failovers of shard {shard} where {_promotionsAllowed.GetValueOrDefault(shard)} master was to be removed");
    }

    /// <summary>A forgotten owner must be one whose every copy is gone.</summary>
    public static void Forgetting(RedisServer on, string id)
    {
        var orphaned = on.Cluster.Kubernetes.Disks.Where(s => s.Id != id && !s.Replica && WillRun(s)).Aggregate(on.MaskOf(id), (mask, s) => mask & ~s.Claims);
        if (orphaned == 0)
            return;
        foreach (var disk in on.Cluster.Kubernetes.Disks.Where(WillRun))
        {
            if (disk.Id == id && disk.Claims != 0)
                throw new SimulationException($"{on.Pod.Name} is made to forget {id} ({disk.Pod.Name}), which owns slots and still exists");
            if (disk.Replica && disk.MasterId == id && on.MaskOf(id) == on.MaskOf(disk.MasterId) && disk.MaskOf(id) != 0 && HoldsKeys(disk, on.MaskOf(id)))
                throw new SimulationException($"{on.Pod.Name} is made to forget {id}, of which {disk.Pod.Name} still holds a copy");
        }
    }

    /// <summary>Slots are given away empty only when no other pod holds their keys.</summary>
    public static void Assigned(RedisServer node, ulong mask, bool formedBefore)
    {
        if (!formedBefore)
            return;
        foreach (var disk in node.Cluster.Kubernetes.Disks.Where(d => d != node && WillRun(d)))
        {
            if (HoldsKeys(disk, disk.Claims & mask))
                throw new SimulationException($"slots of {disk.Pod.Name} are given to {node.Pod.Name} although it still exists");
        }
    }

    /// <summary>A takeover needs a master that does not run or has been replaced.</summary>
    public static void TakingOver(RedisServer heir, string masterId)
    {
        var master = heir.Cluster.Servers.FirstOrDefault(s => s.Id == masterId);
        if (master is { Replica: false } && heir.MaskOf(masterId) != 0)
            throw new SimulationException($"{heir.Pod.Name} takes over from {master.Pod.Name}, which runs");
        var best = heir.Cluster.Operator.LastObserved.Pods.Where(p => p.Node?.MasterId == masterId && p.Node.Peer(masterId) is { Slots.IsEmpty: false }).DefaultIfEmpty().Max(p => p?.Node!.Offset ?? 0);
        if (heir.Offset < best)
            throw new SimulationException($"{heir.Pod.Name} takes over at offset {heir.Offset} where another replica is at {best}");
    }

    /// <summary>An election is forced for a master that nobody reaches, by the best of its replicas, and one at a time.</summary>
    public void Forcing(RedisServer heir, string masterId)
    {
        var cluster = heir.Cluster;
        var master = cluster.Servers.FirstOrDefault(s => s.Id == masterId);
        if (master is { Running: true, Replica: false } && heir.MaskOf(masterId) != 0 && (master.OperatorCutUntil <= world.Now || cluster.Servers.Any(s => s != master && s.Reaches(master))))
            throw new SimulationException($"{heir.Pod.Name} is to be elected in place of {master.Pod.Name}, which lives and is reached");
        if (cluster.Servers.Count(s => !s.Replica && s.Claims != 0) < 2)
            throw new SimulationException($"{heir.Pod.Name} is to be elected by nobody");
        var best = cluster.Operator.LastObserved.Pods.Where(p => p.Node?.MasterId == masterId && p.Node.Peer(masterId) is { Slots.IsEmpty: false }).DefaultIfEmpty().Max(p => p?.Node!.Offset ?? 0);
        if (heir.Offset < best)
            throw new SimulationException($"{heir.Pod.Name} is to be elected at offset {heir.Offset} where another replica is at {best}");
        if (_forced.TryGetValue(masterId, out var last) && world.Now - last.At < 5 && last.Heir is { Running: true, Replica: true } && last.Heir.OperatorCutUntil <= world.Now && !last.OperatorDied)
            throw new SimulationException($"{heir.Pod.Name} is to be elected {world.Now - last.At} s after {last.Heir.Pod.Name} was");
        _forced[masterId] = (heir, world.Now, false);
    }

    /// <summary>What it had ordered is not known to its successor.</summary>
    public void OperatorDied()
    {
        foreach (var (master, order) in _forced.ToList())
            _forced[master] = order with { OperatorDied = true };
    }

    /// <summary>A copy is not overwritten by a master that holds nothing.</summary>
    public void FullSync(RedisServer replica, RedisServer master)
    {
        world.Trace($"{replica.Pod.Name} ({replica.Keys.Count} keys) copies {master.Pod.Name} ({master.Keys.Count} keys)");

        // A stranger that got the master's old address is copied too; that is the engine's doing, and no plan can come in time.
        if (replica.MasterId == master.Id && master.Keys.Count == 0 && replica.Keys.Any(k => world.WasCopied(k) && (master.Claims & (1UL << world.KeyAtom(k))) != 0) && !_rightfullyEmpty.Contains(master))
            throw new SimulationException($"{replica.Pod.Name} with {replica.Keys.Count} keys is wiped by the empty {master.Pod.Name}");
    }

    /// <summary>The pods that go hold neither the mastership nor the only copy.</summary>
    public void ScalingIn(SimCluster cluster, string shard, int pods)
    {
        if (cluster.Kubernetes.Pods.Values.Any(p => p.Server is { } s && (s.OperatorCutUntil > world.Now || s.PeerCutUntil > world.Now)))
            return;
        for (var atom = 0; atom < cluster.Atoms.Count; atom++)
        {
            if (cluster.TrueOwner(atom) is { } owner && owner.Pod.Shard == shard && owner.Pod.Ordinal >= pods)
                throw new SimulationException($"shard {shard} is scaled to {pods} pods while {owner.Pod.Name} is its master");
        }
    }

    /// <summary>Plans are a function of what is observed.</summary>
    public void Planned(SimCluster cluster, ObservedTopology observed, TopologyPlan plan)
    {
        if (_plans++ % 16 != 0)
            return;
        var again = TopologyPlanner.Plan(cluster.Desired, observed);
        if (!plan.Waits.SequenceEqual(again.Waits) || !plan.Steps.Select(s => s.Summary).SequenceEqual(again.Steps.Select(s => s.Summary)))
            throw new SimulationException("two plans for one observation differ");
    }

    /// <summary>No server ever learns of a node of another cluster.</summary>
    public void Tick()
    {
        foreach (var cluster in world.Clusters)
            Owned(cluster);
        if (world.Clusters.Count < 2)
            return;
        foreach (var server in world.Clusters.SelectMany(c => c.Servers))
        {
            foreach (var node in server.Table)
            {
                if (!node.Handshake && world.ClusterOf(node.Id) != server.Cluster)
                    throw new SimulationException($"{server.Pod.Name} knows {node.Id} of another cluster");
            }
        }
    }

    /// <summary>Keys of these slots: what a replica copied from a stranger at its master's old address is no copy of its master.</summary>
    private static bool HoldsKeys(RedisServer disk, ulong mask) => mask != 0 && (disk.Running || disk.Cluster.PersistsData) && disk.Count(mask) > 0;

    /// <summary>A disk some pod has or will have again.</summary>
    private static bool WillRun(RedisServer disk) =>
        disk.Cluster.Kubernetes.StatefulSets.TryGetValue(disk.Pod.Shard, out var pods) && disk.Pod.Ordinal < pods
        && (disk.Running || disk.MayReturn(disk.Cluster.PersistsData));
}
