namespace RedisTopology.Sidecar.Topology;

/// <summary>A shard in <see cref="TopologyReport"/>.</summary>
/// <param name="Shard">Its index, as in metrics.</param>
/// <param name="Slots">Its ranges of slots, such as "0-5460".</param>
/// <param name="Master">Its master; null while it has none.</param>
/// <param name="Replicas">Its replicas.</param>
public sealed record ShardReport(int Shard, IReadOnlyList<string> Slots, NodeReport? Master, IReadOnlyList<NodeReport> Replicas);
