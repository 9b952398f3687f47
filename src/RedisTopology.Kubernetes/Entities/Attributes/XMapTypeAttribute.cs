namespace RedisTopology.Kubernetes;

/// <summary>How the API server merges the map or object (<c>x-kubernetes-map-type</c>).</summary>
/// <param name="mapType">The type.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XMapTypeAttribute(XMapType mapType) : Attribute
{
    /// <summary>The type.</summary>
    public XMapType MapType => mapType;
}
