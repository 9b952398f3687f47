namespace RedisTopology.Kubernetes;

/// <summary>A column of <c>kubectl get</c> given by a JSON path. Columns appear in the order of the attributes.</summary>
/// <param name="jsonPath">The path, such as <c>.status.phase</c>.</param>
/// <param name="name">The heading.</param>
/// <param name="type">integer, number, string, boolean or date.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericAdditionalPrinterColumnAttribute(string jsonPath, string name, string type) : Attribute
{
    /// <summary>The path, such as <c>.status.phase</c>.</summary>
    public string JsonPath => jsonPath;

    /// <summary>The heading.</summary>
    public string Name => name;

    /// <summary>integer, number, string, boolean or date.</summary>
    public string Type => type;

    /// <summary>The description of the column; null for none.</summary>
    public string? Description { get; init; }

    /// <summary>The OpenAPI format; null for none.</summary>
    public string? Format { get; init; }

    /// <summary>Where the column is shown. <see cref="PrinterColumnPriority.StandardView"/> by default.</summary>
    public PrinterColumnPriority Priority { get; init; }
}
