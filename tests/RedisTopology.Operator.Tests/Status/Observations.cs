using System.Collections.Immutable;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests.Status;

/// <summary>Observations of a cluster in which all is as it should be, to be spoiled by a test.</summary>
internal static class Observations
{
    public static ObservedTopology Healthy(ClusterDefinition definition)
    {
        var pods = definition.Topology.Shards.SelectMany(shard => Enumerable.Range(0, shard.Pods).Select(ordinal => Pod(definition, shard, ordinal))).ToImmutableArray();
        return new ObservedTopology { Shards = [.. definition.Topology.Shards.Select(s => new ObservedShard(s.Name, s.Pods))], Pods = pods };
    }

    /// <summary>The observation with one pod changed.</summary>
    public static ObservedTopology With(this ObservedTopology observed, string pod, Func<ObservedPod, ObservedPod> change) =>
        observed with { Pods = [.. observed.Pods.Select(p => p.Name == pod ? change(p) : p)] };

    /// <summary>The observation with what one server said changed.</summary>
    public static ObservedTopology WithNode(this ObservedTopology observed, string pod, Func<ObservedNode, ObservedNode> change) =>
        observed.With(pod, p => p with { Node = change(p.Node!) });

    private static ObservedPod Pod(ClusterDefinition definition, DesiredShard shard, int ordinal)
    {
        var master = ordinal == 0;
        return new ObservedPod
        {
            Name = $"{definition.Name}-{shard.Name}-{ordinal}",
            Shard = shard.Name,
            Ordinal = ordinal,
            Address = $"198.18.0.{ordinal + 1}",
            RoleLabel = master ? NodeRole.Master : NodeRole.Replica,
            Node = new ObservedNode
            {
                Id = $"{shard.Name}-{ordinal}",
                Role = master ? NodeRole.Master : NodeRole.Replica,
                MasterId = master ? null : $"{shard.Name}-0",
                Slots = master ? shard.Slots : SlotSet.Empty,
                ConfigEpoch = 1,
                ClusterOk = true,
                Offset = 100_000_000,
                Keys = 1000,
                UsedMemory = 50_000_000,
            },
        };
    }
}
