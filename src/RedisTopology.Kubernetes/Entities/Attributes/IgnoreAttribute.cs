namespace RedisTopology.Kubernetes;

/// <summary>The property (or type) is left out of the generated schema.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class IgnoreAttribute : Attribute;
