namespace RedisTopology.Kubernetes;

/// <summary>The description of the field or type in the schema: what <c>kubectl explain</c> prints.</summary>
/// <param name="description">The text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class DescriptionAttribute(string description) : Attribute
{
    /// <summary>The text.</summary>
    public string Description => description;
}
