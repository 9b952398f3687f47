using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Cluster;

/// <summary>All kinds a cluster owns, by name.</summary>
internal sealed class OwnedObjectsByKind(IEnumerable<IOwnedObjects> kinds)
{
    private readonly Dictionary<string, IOwnedObjects> _kinds = kinds.ToDictionary(k => k.Kind);

    /// <summary>The objects of a kind.</summary>
    /// <param name="kind">As in <see cref="Manifest.Kind"/>.</param>
    /// <returns>The objects.</returns>
    public IOwnedObjects this[string kind] => _kinds[kind];
}
