namespace RedisTopology.Kubernetes;

/// <summary>How the API server merges the list (<c>x-kubernetes-list-type</c>).</summary>
/// <param name="listType">The type.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListTypeAttribute(XListType listType) : Attribute
{
    /// <summary>The type.</summary>
    public XListType ListType => listType;
}
