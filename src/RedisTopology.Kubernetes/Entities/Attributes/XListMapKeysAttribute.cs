namespace RedisTopology.Kubernetes;

/// <summary>The fields that identify an element of a list of type map (<c>x-kubernetes-list-map-keys</c>).</summary>
/// <param name="keys">JSON names of the fields.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListMapKeysAttribute(params string[] keys) : Attribute
{
    /// <summary>JSON names of the fields.</summary>
    public IReadOnlyList<string> Keys => keys;
}
