namespace RedisTopology.Kubernetes;

/// <summary>The title of the field or type in the schema.</summary>
/// <param name="title">The text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class TitleAttribute(string title) : Attribute
{
    /// <summary>The text.</summary>
    public string Title => title;
}
