using System.Security.Cryptography;
using System.Text;
using RedisTopology.Core.Topology;

namespace RedisTopology.Bench.Planning;

/// <summary>A cluster in which nothing is left to do, as its desired and its observed topology.</summary>
internal static class SettledTopology
{
    public static (DesiredTopology Desired, ObservedTopology Observed) Of(ClusterShape shape)
    {
        var desired = new DesiredTopology([.. DesiredTopology.EvenSplit(shape.Shards).Select(s => new DesiredShard(s.Name, s.Slots, shape.Replicas))], TimeSpan.FromSeconds(5));
        var peers = desired.Shards.SelectMany((shard, s) => Enumerable.Range(0, shard.Pods).Select(ordinal => Peer(shard, s, ordinal))).ToList();
        var observed = new ObservedTopology
        {
            Shards = [.. desired.Shards.Select(s => new ObservedShard(s.Name, s.Pods))],
            Pods = [.. peers.Select(self => Pod(self, peers))],
        };
        return (desired, observed);
    }

    private static PeerView Peer(DesiredShard shard, int index, int ordinal) => new(
        Id(shard.Name, ordinal),
        $"198.18.{index}.{ordinal}",
        new PodIdentity($"cc-{shard.Name}-{ordinal}", shard.Name, ordinal),
        ordinal == 0 ? NodeRole.Master : NodeRole.Replica,
        ordinal == 0 ? null : Id(shard.Name, 0),
        ordinal == 0 ? shard.Slots : SlotSet.Empty,
        PeerHealth.Ok,
        Connected: true,
        index + 1);

    private static ObservedPod Pod(PeerView self, List<PeerView> all) => new()
    {
        Name = self.Pod!.Name,
        Shard = self.Pod.Shard,
        Ordinal = self.Pod.Ordinal,
        Address = self.Address,
        RoleLabel = self.Role,
        Node = new ObservedNode
        {
            Id = self.Id,
            Role = self.Role,
            MasterId = self.MasterId,
            MasterHost = self.MasterId is null ? null : all.First(p => p.Id == self.MasterId).Address,
            Slots = self.Slots,
            ConfigEpoch = self.ConfigEpoch,
            CurrentEpoch = all.Count,
            ClusterOk = true,
            Offset = 1000,
            Keys = 10,

            // As parsed from this server's own reply: every server's view is objects of its own.
            Peers = [.. all.Where(p => p != self).Select(p => p with { })],
        },
    };

    /// <summary>As random as a real one: comparing ids is much of a planner's work, and ids that differ only at their end would make it look worse.</summary>
    private static string Id(string shard, int ordinal) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{shard}-{ordinal}")))[..40];
}
