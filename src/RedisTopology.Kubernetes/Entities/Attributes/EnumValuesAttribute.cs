namespace RedisTopology.Kubernetes;

/// <summary>The only values the field may have; for strings and numbers that are not C# enums.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EnumValuesAttribute : Attribute
{
    /// <summary>Allowed values.</summary>
    /// <param name="values">The values.</param>
    public EnumValuesAttribute(params string[] values) => Values = values;

    /// <summary>Allowed values.</summary>
    /// <param name="values">The values.</param>
    public EnumValuesAttribute(params long[] values) => Values = [.. values.Cast<object>()];

    /// <summary>The values.</summary>
    public IReadOnlyList<object> Values { get; }
}
