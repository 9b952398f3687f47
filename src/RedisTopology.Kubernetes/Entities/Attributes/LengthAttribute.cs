namespace RedisTopology.Kubernetes;

/// <summary>Bounds on the number of characters of a string. The API server estimates the cost of CEL rules from the upper bound, so a rule over a field without one may be refused.</summary>
/// <param name="minLength">The lower bound; -1 for none.</param>
/// <param name="maxLength">The upper bound; -1 for none.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(long minLength = -1, long maxLength = -1) : Attribute
{
    /// <summary>The lower bound; null when none.</summary>
    public long? MinLength => minLength < 0 ? null : minLength;

    /// <summary>The upper bound; null when none.</summary>
    public long? MaxLength => maxLength < 0 ? null : maxLength;
}
