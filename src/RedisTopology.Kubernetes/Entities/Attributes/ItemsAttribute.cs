namespace RedisTopology.Kubernetes;

/// <summary>Bounds on the number of elements of a list. The API server estimates the cost of CEL rules from the upper bound, so a rule over a field without one may be refused.</summary>
/// <param name="minItems">The lower bound; -1 for none.</param>
/// <param name="maxItems">The upper bound; -1 for none.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(long minItems = -1, long maxItems = -1) : Attribute
{
    /// <summary>The lower bound; null when none.</summary>
    public long? MinItems => minItems < 0 ? null : minItems;

    /// <summary>The upper bound; null when none.</summary>
    public long? MaxItems => maxItems < 0 ? null : maxItems;
}
