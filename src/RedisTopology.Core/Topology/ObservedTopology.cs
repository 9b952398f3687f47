using System.Collections.Immutable;

namespace RedisTopology.Core.Topology;

/// <summary>Everything known of a cluster at one moment: its Kubernetes objects and what every reachable Redis server said.</summary>
public sealed record ObservedTopology
{
    /// <summary>The StatefulSets of the cluster that exist, those of shards the spec no longer names among them.</summary>
    public ImmutableArray<ObservedShard> Shards { get; init; } = [];

    /// <summary>The pods that exist, ordered by shard and ordinal.</summary>
    public ImmutableArray<ObservedPod> Pods { get; init; } = [];

    /// <summary>
    /// For every node id that some server lists and no reachable server has: how long this operator process has seen it so. A new
    /// process starts counting anew, which only makes it more patient.
    /// </summary>
    public ImmutableDictionary<string, TimeSpan> AbsentFor { get; init; } = ImmutableDictionary<string, TimeSpan>.Empty;

    /// <summary>
    /// For node ids of masters: the replica (by node id) that this operator process last had stand for election in its place, and how long ago. Those of the last seconds only; a new
    /// process knows of none, and has not missed a master for long either.
    /// </summary>
    public ImmutableDictionary<string, (string Replica, TimeSpan Ago)> Elections { get; init; } = ImmutableDictionary<string, (string Replica, TimeSpan Ago)>.Empty;

    /// <summary>
    /// Slots that cannot be moved for now, and why, as a sentence that names the key and the remedy: an attempt found a key so big that handing it over would
    /// stop its server for longer than the others wait. Forgotten after a while, so that they are tried again.
    /// </summary>
    public ImmutableSortedDictionary<int, string> BlockedSlots { get; init; } = ImmutableSortedDictionary<int, string>.Empty;

    /// <summary>Objects that are missing or differ from what the spec asks for, as <c>Kind/name</c>.</summary>
    public ImmutableArray<string> StaleObjects { get; init; } = [];

    /// <summary>What is to be recorded next of the cluster's passwords, in words without any; null when nothing is.</summary>
    public string? PasswordChange { get; init; }

    /// <summary>What is to be recorded next of the servers' certificate, in words; null when nothing is.</summary>
    public string? CertificateChange { get; init; }
}
