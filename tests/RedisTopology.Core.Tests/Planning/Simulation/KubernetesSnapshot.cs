using System.Collections.Immutable;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>A cluster's objects as a watch cache shows them.</summary>
internal sealed record KubernetesSnapshot(int At, ImmutableArray<ObservedShard> Shards, ImmutableDictionary<string, SimTemplate> Templates, ImmutableArray<PodSnapshot> Pods);
