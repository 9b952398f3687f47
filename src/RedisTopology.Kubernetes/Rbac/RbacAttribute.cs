namespace RedisTopology.Kubernetes;

/// <summary>A permission that the class it stands on needs. The sum of them is the operator's role.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public abstract class RbacAttribute : Attribute;
