namespace RedisTopology.Kubernetes;

/// <summary>Prints the property as a column of <c>kubectl get</c>.</summary>
/// <param name="priority">Where the column is shown.</param>
/// <param name="name">The heading; the JSON name of the property when null.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AdditionalPrinterColumnAttribute(PrinterColumnPriority priority = default, string? name = null) : Attribute
{
    /// <summary>Where the column is shown.</summary>
    public PrinterColumnPriority Priority => priority;

    /// <summary>The heading; the JSON name of the property when null.</summary>
    public string? Name => name;
}
