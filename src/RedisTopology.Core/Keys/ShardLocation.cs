using System.Collections.Immutable;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Keys;

/// <summary>Where a shard is: what <see cref="KeyLocator"/> needs to know of it, from a CacheCluster's status or from CLUSTER SHARDS.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">The slots its master serves.</param>
/// <param name="Master">The pod or address of its master; null while none answers.</param>
/// <param name="Replicas">The pods or addresses of its replicas.</param>
public sealed record ShardLocation(string Name, SlotSet Slots, string? Master, ImmutableArray<string> Replicas);
