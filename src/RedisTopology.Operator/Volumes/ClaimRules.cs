using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Volumes;

/// <summary>What becomes of claims. Pure: what is known comes in, what is to be done goes out.</summary>
internal static class ClaimRules
{
    /// <summary>Decides.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="definition">The cluster.</param>
    /// <param name="wanted">Its pod exists, or is asked for by the spec or by a StatefulSet.</param>
    /// <param name="grows">Its storage class lets volumes grow.</param>
    /// <returns>The work.</returns>
    public static ClaimWork Decide(ClaimView claim, ClusterDefinition definition, bool wanted, bool grows)
    {
        if (claim.Metadata.DeletionTimestamp is not null)
            return ClaimWork.None;
        var goes = definition.Spec.Persistence.Storage.Reclaim == ReclaimPolicy.Delete;
        if (!wanted && goes)
            return ClaimWork.Delete;
        var small = wanted && IsSmall(claim, definition) && grows && claim.Status?.Phase == "Bound";
        return small || IsOwned(claim, definition) != goes ? ClaimWork.Apply : ClaimWork.None;
    }

    /// <summary>Whether it asks for less than the spec.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="definition">The cluster.</param>
    /// <returns>True when it does.</returns>
    public static bool IsSmall(ClaimView claim, ClusterDefinition definition) =>
        Quantity.TryParse(Size(claim), out var has) && Quantity.TryParse(Wanted(definition), out var asked) && has < asked;

    /// <summary>The size to ask for: never less than is asked for now.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="definition">The cluster.</param>
    /// <param name="grows">Its storage class lets volumes grow.</param>
    /// <returns>The size.</returns>
    public static string? SizeToAsk(ClaimView claim, ClusterDefinition definition, bool grows) => grows && IsSmall(claim, definition) ? Wanted(definition) : Size(claim);

    private static string? Size(ClaimView claim) => claim.Spec?.Resources?.Requests is { } requests && requests.TryGetValue("storage", out var size) ? size : null;

    private static string Wanted(ClusterDefinition definition) => definition.Spec.Persistence.Storage.Size!.ToString();

    private static bool IsOwned(ClaimView claim, ClusterDefinition definition) => claim.Metadata.OwnerReferences?.Any(o => o.Uid == definition.Uid) == true;
}
