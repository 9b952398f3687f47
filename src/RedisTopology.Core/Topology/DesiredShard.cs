namespace RedisTopology.Core.Topology;

/// <summary>One shard as asked for: a master and its replicas, owning a set of slots.</summary>
/// <param name="Name">The shard's name, unique in its cluster; part of its StatefulSet's name.</param>
/// <param name="Slots">The slots it is to own; never empty.</param>
/// <param name="Replicas">How many replicas stand beside the master; 0 means the data live in one place.</param>
public sealed record DesiredShard(string Name, SlotSet Slots, int Replicas)
{
    /// <summary>The number of pods: the master and its replicas.</summary>
    public int Pods => Replicas + 1;
}
