namespace RedisTopology.Kubernetes;

/// <summary>Whether objects of the kind live in namespaces. Namespaced when absent.</summary>
/// <param name="scope">The scope.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EntityScopeAttribute(EntityScope scope = EntityScope.Namespaced) : Attribute
{
    /// <summary>The scope.</summary>
    public EntityScope Scope => scope;
}
