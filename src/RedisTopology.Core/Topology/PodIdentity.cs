namespace RedisTopology.Core.Topology;

/// <summary>Which pod of which shard.</summary>
/// <param name="Name">The pod's name.</param>
/// <param name="Shard">The shard's name.</param>
/// <param name="Ordinal">The pod's ordinal in the shard's StatefulSet.</param>
public sealed record PodIdentity(string Name, string Shard, int Ordinal);
