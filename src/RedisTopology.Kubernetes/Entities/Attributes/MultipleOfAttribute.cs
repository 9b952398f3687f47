namespace RedisTopology.Kubernetes;

/// <summary>The number must be a multiple of this.</summary>
/// <param name="value">The divisor.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MultipleOfAttribute(double value) : Attribute
{
    /// <summary>The divisor.</summary>
    public double Value => value;
}
