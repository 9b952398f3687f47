namespace RedisTopology.Kubernetes;

/// <summary>Fields the schema does not know are kept rather than pruned.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;
