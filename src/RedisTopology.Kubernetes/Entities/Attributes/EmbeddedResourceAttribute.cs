namespace RedisTopology.Kubernetes;

/// <summary>The field holds a complete Kubernetes object, kept as it is.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmbeddedResourceAttribute : Attribute;
