namespace RedisTopology.Sidecar.Topology;

/// <summary>A master and its replicas, as one map knows them.</summary>
/// <param name="Index">A small number of this shard for metrics, the same over maps as long as the shard keeps a server.</param>
/// <param name="Master">The owner of its slots; null while it has none.</param>
/// <param name="Replicas">Its replicas; which may be read from now is told by each <see cref="Node"/>.</param>
public sealed record Shard(int Index, Node? Master, Node[] Replicas);
