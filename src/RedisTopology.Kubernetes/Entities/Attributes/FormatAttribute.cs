namespace RedisTopology.Kubernetes;

/// <summary>The OpenAPI format of the field, such as <c>duration</c>.</summary>
/// <param name="format">The format.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FormatAttribute(string? format) : Attribute
{
    /// <summary>The format.</summary>
    public string? Format => format;
}
