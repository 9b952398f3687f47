using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>C# types to structural OpenAPI v3 schemas.</summary>
internal static class SchemaMapper
{
    public static V1JSONSchemaProps Map(Type type, IReadOnlyCollection<string>? except = null) => MapObject(type, [], except);

    public static V1JSONSchemaProps MapProperty(PropertyInfo property) => MapProperty(property, []);

    public static string JsonNameOf(PropertyInfo property)
        => property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    public static IEnumerable<PropertyInfo> PropertiesOf(Type type) => type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.GetIndexParameters().Length == 0 && !p.IsDefined(typeof(IgnoreAttribute))
            && p.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always });

    private static V1JSONSchemaProps MapProperty(PropertyInfo property, HashSet<Type> ancestors)
    {
        var schema = property.IsDefined(typeof(EmbeddedResourceAttribute))
            ? new V1JSONSchemaProps { Type = "object", XKubernetesEmbeddedResource = true, XKubernetesPreserveUnknownFields = true }
            : MapType(property.PropertyType, ancestors, property);
        SchemaAttributes.Apply(property, schema);
        // Never "nullable": without it the server refuses an explicit null, or puts the default there, so that no rule and no entity ever meets one and has(self.x) means a value.
        return schema;
    }

    /// <summary>What Kubernetes accepts as a quantity, as controller-gen writes it: people write <c>cpu: 1</c> as often as <c>cpu: "1"</c>.</summary>
    private const string QuantityPattern =
        @"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

    private static V1JSONSchemaProps MapType(Type type, HashSet<Type> ancestors, MemberInfo where)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(char) || type == typeof(Uri))
            return new() { Type = "string" };
        if (type == typeof(ResourceQuantity))
            return new() { XKubernetesIntOrString = true, AnyOf = [new() { Type = "integer" }, new() { Type = "string" }], Pattern = QuantityPattern };
        if (type == typeof(bool))
            return new() { Type = "boolean" };
        if (type == typeof(int) || type == typeof(short) || type == typeof(byte) || type == typeof(ushort) || type == typeof(sbyte))
            return new() { Type = "integer", Format = "int32" };
        if (type == typeof(long) || type == typeof(uint))
            return new() { Type = "integer", Format = "int64" };
        if (type == typeof(double) || type == typeof(float) || type == typeof(decimal))
            return new() { Type = "number", Format = type == typeof(float) ? "float" : "double" };
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset))
            return new() { Type = "string", Format = "date-time" };
        if (type == typeof(IntOrString))
            return new() { XKubernetesIntOrString = true };
        if (type == typeof(V1ObjectMeta))
            return new() { Type = "object" };
        if (type == typeof(object) || typeof(JsonNode).IsAssignableFrom(type) || type == typeof(JsonElement))
            return new() { XKubernetesPreserveUnknownFields = true };
        if (type.IsEnum)
            return new() { Type = "string", EnumProperty = [.. Enum.GetNames(type).Select(n => (object)EnumNameOf(type, n))] };
        if (ElementOf(type, typeof(IDictionary<,>)) is { } entry)
        {
            if (entry[0] != typeof(string) && !entry[0].IsEnum)
                throw new CrdException($"{where.DeclaringType?.Name}.{where.Name}: the keys of a map must be strings.");
            return new() { Type = "object", AdditionalProperties = MapType(entry[1], ancestors, where) };
        }

        if (ElementOf(type, typeof(IEnumerable<>)) is { } element)
            return new() { Type = "array", Items = MapType(element[0], ancestors, where) };
        if (typeof(IEnumerable).IsAssignableFrom(type) || type.IsInterface || type.IsPrimitive || type.IsPointer || (type.Namespace == "System" && type.IsValueType))
            throw new CrdException($"{where.DeclaringType?.Name}.{where.Name}: {type} has no schema.");
        if (typeof(IKubernetesObject).IsAssignableFrom(type))
            return new() { Type = "object", XKubernetesEmbeddedResource = true, XKubernetesPreserveUnknownFields = true };
        return MapObject(type, ancestors, null);
    }

    private static V1JSONSchemaProps MapObject(Type type, HashSet<Type> ancestors, IReadOnlyCollection<string>? except)
    {
        if (!ancestors.Add(type))
            throw new CrdException($"{type.Name} contains itself; a structural schema cannot be recursive.");
        var schema = new V1JSONSchemaProps { Type = "object" };
        var (properties, required) = (new SortedDictionary<string, V1JSONSchemaProps>(StringComparer.Ordinal), new SortedSet<string>(StringComparer.Ordinal));
        foreach (var property in PropertiesOf(type))
        {
            var name = JsonNameOf(property);
            if (except?.Contains(name) == true)
                continue;
            properties.Add(name, MapProperty(property, ancestors));
            if (property.IsDefined(typeof(RequiredAttribute)))
                required.Add(name);
        }

        ancestors.Remove(type);
        schema.Properties = properties.Count == 0 ? null : properties;
        schema.Required = required.Count == 0 ? null : [.. required];
        SchemaAttributes.Apply(type, schema);
        return schema;
    }

    private static string EnumNameOf(Type type, string name)
        => type.GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? name;

    private static Type[]? ElementOf(Type type, Type generic)
    {
        if (type.IsArray && generic == typeof(IEnumerable<>))
            return [type.GetElementType()!];
        var candidates = type.GetInterfaces().Append(type).Where(i => i.IsGenericType);
        return candidates.FirstOrDefault(i => i.GetGenericTypeDefinition() == generic
            || (generic == typeof(IDictionary<,>) && i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)))?.GetGenericArguments();
    }
}
