namespace RedisTopology.Kubernetes;

/// <summary>The smallest number allowed.</summary>
/// <param name="minimum">The bound.</param>
/// <param name="exclusiveMinimum">True when the bound itself is not allowed.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMinimumAttribute(double minimum, bool exclusiveMinimum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Minimum => minimum;

    /// <summary>True when the bound itself is not allowed.</summary>
    public bool ExclusiveMinimum => exclusiveMinimum;
}
