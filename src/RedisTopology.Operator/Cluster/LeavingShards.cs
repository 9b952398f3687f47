using System.Collections.Immutable;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Cluster;

/// <summary>The shards that a spec no longer names and that are still there.</summary>
internal sealed class LeavingShards(OwnedObjectsByKind owned)
{
    private const string StatefulSet = "StatefulSet";

    /// <summary>Their StatefulSets as they should be.</summary>
    /// <param name="definition">The cluster.</param>
    /// <returns>The manifests; none for a StatefulSet that is being deleted.</returns>
    public ImmutableArray<Manifest> Of(ClusterDefinition definition)
    {
        var leaving = ImmutableArray.CreateBuilder<Manifest>();
        foreach (var (metadata, document) in owned[StatefulSet].OwnedBy(definition.Uid))
        {
            if (metadata.DeletionTimestamp is null && metadata.Labels?.TryGetValue(Labels.Shard, out var shard) == true && definition.Topology.Shards.All(s => s.Name != shard))
                leaving.Add(ClusterManifests.Leaving(definition, shard, document));
        }

        return leaving.ToImmutable();
    }
}
