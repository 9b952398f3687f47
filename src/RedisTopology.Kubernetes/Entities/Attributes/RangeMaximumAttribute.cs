namespace RedisTopology.Kubernetes;

/// <summary>The largest number allowed.</summary>
/// <param name="maximum">The bound.</param>
/// <param name="exclusiveMaximum">True when the bound itself is not allowed.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeMaximumAttribute(double maximum, bool exclusiveMaximum = false) : Attribute
{
    /// <summary>The bound.</summary>
    public double Maximum => maximum;

    /// <summary>True when the bound itself is not allowed.</summary>
    public bool ExclusiveMaximum => exclusiveMaximum;
}
