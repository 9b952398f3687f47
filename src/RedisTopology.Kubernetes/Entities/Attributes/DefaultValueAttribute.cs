namespace RedisTopology.Kubernetes;

/// <summary>The value the API server fills in when the field is absent (<c>default</c> in the schema).</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class)]
public sealed class DefaultValueAttribute : Attribute
{
    /// <summary>A value of type bool.</summary>
    /// <param name="value">The value.</param>
    public DefaultValueAttribute(bool value) => Value = value;

    /// <summary>A value of type long.</summary>
    /// <param name="value">The value.</param>
    public DefaultValueAttribute(long value) => Value = value;

    /// <summary>A value of type double.</summary>
    /// <param name="value">The value.</param>
    public DefaultValueAttribute(double value) => Value = value;

    /// <summary>A value of type string.</summary>
    /// <param name="value">The value.</param>
    public DefaultValueAttribute(string value) => Value = value;

    /// <summary>The value.</summary>
    public object Value { get; }

    /// <summary>True when a string value is JSON text, such as <c>{}</c> for an object whose fields have defaults of their own.</summary>
    public bool Json { get; init; }
}
