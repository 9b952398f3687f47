using k8s.Models;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Steps;

/// <summary>An object of the cluster exists under its name and belongs to somebody else. Taking it over would break theirs.</summary>
internal sealed class NameTakenException(string message) : Exception(message)
{
    /// <summary>Throws unless the object is the cluster's own, or an orphan of it, or does not exist.</summary>
    /// <param name="live">Metadata of the live object; null when there is none.</param>
    /// <param name="id">The object, as <c>Kind/name</c>.</param>
    /// <param name="definition">The cluster.</param>
    /// <exception cref="NameTakenException">It belongs to somebody else.</exception>
    public static void ThrowIfTaken(V1ObjectMeta? live, string id, ClusterDefinition definition)
    {
        if (live is null)
            return;
        var owner = live.OwnerReferences?.FirstOrDefault(o => o.Controller == true);
        if (owner?.Uid == definition.Uid)
            return;
        if (owner is null && live.Labels is { } labels && labels.TryGetValue(Labels.Cluster, out var cluster) && cluster == definition.Name)
            return;
        throw new NameTakenException(owner is null
            ? $"metadata.name: {id} exists and was not made by this operator; delete it, or choose another name for the cluster"
            : $"metadata.name: {id} belongs to {owner.Kind} {owner.Name} ({owner.Uid}); choose another name for the cluster");
    }
}
