using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What a settled plan claims, held against what is.</summary>
internal static partial class SettledState
{
    public static void Check(World world, SimCluster cluster)
    {
        var servers = cluster.Servers.ToList();
        foreach (var shard in cluster.Desired.Shards)
        {
            var pods = cluster.Kubernetes.Pods.Values.Where(p => p.Identity.Shard == shard.Name).ToList();
            Require(pods.Count == shard.Pods && pods.All(p => p.ContainerRuns && p.Identity.Ordinal < shard.Pods), $"shard {shard.Name} has {pods.Count} pods of {shard.Pods}");
            var masters = pods.Where(p => p.Server!.Claims != 0).ToList();
            Require(masters.Count == 1 && !masters[0].Server!.Replica, $"shard {shard.Name} has {masters.Count} masters");
            var master = masters[0].Server!;
            var mask = master.Claims;
            Require(IsRightfully(cluster, shard, mask), $"shard {shard.Name} has the wrong slots: {cluster.Atoms.Set(mask)}");
            Require(!master.HasMarks || master.Observe().OpenSlots.IsEmpty, $"{master.Pod.Name} holds slots to be on their way");
            foreach (var server in servers)
                Require(server.MaskOf(master.Id) == mask, $"{server.Pod.Name} has another idea of who owns the slots of shard {shard.Name}");
            foreach (var pod in pods)
            {
                var replica = pod.Server!;
                Require(pod.Label == (replica == master ? NodeRole.Master : NodeRole.Replica), $"{pod.Identity.Name} is labelled {pod.Label}");
                Require(
                    replica == master || (replica.Replica && replica.MasterId == master.Id && replica.LinkUp && replica.MasterHost == master.Address),
                    $"{pod.Identity.Name} does not follow {master.Pod.Name}");
                Require(replica == master || replica.IsCopyOf(master), $"{pod.Identity.Name} holds other keys than {master.Pod.Name}");
            }

            UpToDate(cluster, pods);
            if (world.Planned)
                NothingLost(world, cluster, master, mask);
        }

        Require(cluster.Jobs.Count == 0, "a migration is under way");
        Require(servers.All(s => cluster.Desired.Shards.Any(d => d.Name == s.Pod.Shard)), "a shard that is not wanted is still there");
        cluster.CheckMoves();
        foreach (var server in servers)
        {
            Require(server.ClusterOk, $"{server.Pod.Name} says cluster_state:fail");
            var listed = server.Table.Count(n => !n.Handshake);
            Require(listed == servers.Count - 1, $"{server.Pod.Name} lists {listed} nodes beside itself, there are {servers.Count - 1}");
            foreach (var other in servers.Where(s => s != server))
                Require(server.Known(other.Id)?.Address == other.Address, $"{server.Pod.Name} does not know {other.Pod.Name} by its address");
        }
    }

    private static bool IsRightfully(SimCluster cluster, DesiredShard shard, ulong mask)
    {
        if (cluster.Desired.Placement == SlotPlacement.Explicit)
            return cluster.Atoms.Set(mask).Equals(shard.Slots);
        var least = 16384 / cluster.Desired.Shards.Length;
        return cluster.Atoms.SizeOf(mask) is var size && (size == least || (size == least + 1 && 16384 % cluster.Desired.Shards.Length > 0));
    }

    private static void NothingLost(World world, SimCluster cluster, RedisServer master, ulong mask)
    {
        var held = master.Keys;
        foreach (var key in cluster.Acknowledged)
            Require((mask & (1UL << world.KeyAtom(key))) == 0 || held.Contains(key), $"acknowledged key {key} is lost in a planned operation");
        foreach (var key in held)
            Require((mask & (1UL << world.KeyAtom(key))) == 0 || !world.WasDeleted(key), $"deleted key {key} is back after a planned operation");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new SimulationException("settled, but " + otherwise);
    }
}
