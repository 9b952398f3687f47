namespace RedisTopology.Kubernetes;

/// <summary>Bounds on the characters of each string in a list or map of strings. KubeOps has no counterpart; CEL cost estimation needs the bound.</summary>
/// <param name="minLength">The lower bound; -1 for none.</param>
/// <param name="maxLength">The upper bound; -1 for none.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsLengthAttribute(long minLength = -1, long maxLength = -1) : Attribute
{
    /// <summary>The lower bound; null when none.</summary>
    public long? MinLength => minLength < 0 ? null : minLength;

    /// <summary>The upper bound; null when none.</summary>
    public long? MaxLength => maxLength < 0 ? null : maxLength;
}
