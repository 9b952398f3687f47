using System.Collections.Immutable;
using RedisTopology.Core.Keys;
using RedisTopology.Core.Sizing;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Validation;

/// <summary>A spec that passed validation, with everything in it understood. Only <see cref="SpecValidator"/> makes one.</summary>
/// <param name="Name">The name of the CacheCluster.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Spec">The spec itself.</param>
/// <param name="Topology">The shards, slots and replicas asked for.</param>
/// <param name="Memory">The memory of a pod, bytes.</param>
/// <param name="Sizing">How that memory is divided.</param>
public sealed record ClusterDefinition(
    string Name,
    string Namespace,
    string Uid,
    CacheClusterSpec Spec,
    DesiredTopology Topology,
    long Memory,
    MemorySizing Sizing)
{
    /// <summary>From keys as applications write them to keys in the servers.</summary>
    internal KeyMapping Keys { get; init; } = KeyMapping.HashSlotMode;

    /// <summary>How long a former password is accepted.</summary>
    internal TimeSpan FormerPasswordFor { get; init; }

    /// <summary>The authorities that clients are to trust, PEM; empty without TLS, or before there are any.</summary>
    internal string Authorities { get; init; } = "";

    /// <summary>Settings that were in the spec once and are no longer: servers that run may still have them.</summary>
    internal ImmutableSortedSet<string> FormerSettings { get; init; } = [];

    /// <summary>Settings of the spec whose value a server refused.</summary>
    internal ImmutableSortedSet<string> RefusedSettings { get; init; } = [];

    /// <summary>The image of the data pods: the one given, else the stock image of the engine at its version.</summary>
    public string Image => Spec.Engine switch
    {
        { Image.Length: > 0 } engine => engine.Image,
        { Type: EngineType.Valkey } engine => $"valkey/valkey:{engine.Version}",
        var engine => $"redis:{engine.Version}",
    };
}
