namespace RedisTopology.Kubernetes;

/// <summary>Bounds on the number of entries of a map. The API server estimates the cost of CEL rules from the upper bound, so a rule over a field without one may be refused.</summary>
/// <param name="minProperties">The lower bound; -1 for none.</param>
/// <param name="maxProperties">The upper bound; -1 for none.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PropertyLimitsAttribute(long minProperties = -1, long maxProperties = -1) : Attribute
{
    /// <summary>The lower bound; null when none.</summary>
    public long? MinProperties => minProperties < 0 ? null : minProperties;

    /// <summary>The upper bound; null when none.</summary>
    public long? MaxProperties => maxProperties < 0 ? null : maxProperties;
}
