namespace RedisTopology.Kubernetes;

/// <summary>Among several versions of one kind, this is the one that is stored.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StorageVersionAttribute : Attribute;
