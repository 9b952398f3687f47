using System.Reflection;
using k8s.Models;

namespace RedisTopology.Kubernetes;

internal static class PrinterColumns
{
    /// <summary>The columns of <c>[GenericAdditionalPrinterColumn]</c> in their order, then those of properties in the order of declaration.</summary>
    public static List<V1CustomResourceColumnDefinition> Of(Type type)
    {
        var columns = type.GetCustomAttributes<GenericAdditionalPrinterColumnAttribute>(inherit: true).Select(a => new V1CustomResourceColumnDefinition
        {
            Name = a.Name,
            JsonPath = a.JsonPath,
            Type = a.Type,
            Description = a.Description,
            Format = a.Format,
            Priority = Priority(a.Priority),
        }).ToList();
        Collect(type, string.Empty, [type], columns);
        return columns;
    }

    private static void Collect(Type type, string path, HashSet<Type> ancestors, List<V1CustomResourceColumnDefinition> columns)
    {
        foreach (var property in SchemaMapper.PropertiesOf(type))
        {
            var itsPath = $"{path}.{SchemaMapper.JsonNameOf(property)}";
            if (property.GetCustomAttribute<AdditionalPrinterColumnAttribute>() is { } column)
            {
                var schema = SchemaMapper.MapProperty(property);
                columns.Add(new()
                {
                    Name = column.Name ?? SchemaMapper.JsonNameOf(property),
                    JsonPath = itsPath,
                    Type = schema.Format == "date-time" ? "date" : schema.Type ?? "string",
                    Description = schema.Description,
                    Priority = Priority(column.Priority),
                });
            }

            var inner = property.PropertyType;
            if (inner.IsClass && inner.Assembly == type.Assembly && ancestors.Add(inner))
            {
                Collect(inner, itsPath, ancestors, columns);
                ancestors.Remove(inner);
            }
        }
    }

    private static int? Priority(PrinterColumnPriority priority) => priority == PrinterColumnPriority.WideView ? 1 : null;
}
