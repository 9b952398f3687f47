using System.Reflection;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// CustomResourceDefinitions from C# types and their attributes, so that the schema the API server enforces and the types the operator reads cannot drift apart.
/// Several types of one group and kind become versions of one definition.
/// </summary>
public static class CrdGenerator
{
    private static readonly string[] TopLevel = ["metadata", "apiVersion", "kind"];

    /// <summary>The definitions as YAML.</summary>
    /// <param name="types">Types with <c>[KubernetesEntity]</c>.</param>
    /// <exception cref="CrdException">A type cannot be expressed in a structural schema; the message names the property.</exception>
    public static string Generate(params IEnumerable<Type> types) => ManifestYaml.Write(Transpile(types));

    /// <summary>The definitions as models, ordered by name.</summary>
    /// <param name="types">Types with <c>[KubernetesEntity]</c>.</param>
    /// <exception cref="CrdException">A type cannot be expressed in a structural schema; the message names the property.</exception>
    public static IReadOnlyList<V1CustomResourceDefinition> Transpile(params IEnumerable<Type> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        return [.. types.GroupBy(t => (EntityMetadata.Of(t).Group, EntityMetadata.Of(t).PluralName))
            .OrderBy(g => $"{g.Key.PluralName}.{g.Key.Group}", StringComparer.Ordinal)
            .Select(g => Definition([.. g.OrderByDescending(t => EntityMetadata.Of(t).Version, ApiVersionComparer.Instance)]))];
    }

    private static V1CustomResourceDefinition Definition(List<Type> types)
    {
        var first = types[0];
        var kind = EntityMetadata.Of(first);
        if (kind.Group.Length == 0)
            throw new CrdException($"{first.Name}: a custom resource needs an API group.");
        var stored = types.FirstOrDefault(t => t.IsDefined(typeof(StorageVersionAttribute))) ?? first;
        var shortNames = first.GetCustomAttribute<KubernetesEntityShortNamesAttribute>()?.ShortNames.ToList();
        return new()
        {
            ApiVersion = "apiextensions.k8s.io/v1",
            Kind = "CustomResourceDefinition",
            Metadata = new() { Name = $"{kind.PluralName}.{kind.Group}" },
            Spec = new()
            {
                Group = kind.Group,
                Names = new()
                {
                    Kind = kind.Kind,
                    ListKind = kind.Kind + "List",
                    Singular = kind.Kind.ToLowerInvariant(),
                    Plural = kind.PluralName,
                    ShortNames = shortNames,
                },
                Scope = kind.Scope.ToString(),
                Versions = [.. types.Select(t => Version(t, t == stored))],
            },
        };
    }

    private static V1CustomResourceDefinitionVersion Version(Type type, bool stored)
    {
        var scale = type.GetCustomAttribute<ScaleSubresourceAttribute>();
        var schema = SchemaMapper.Map(type, TopLevel);
        var hasStatus = schema.Properties?.ContainsKey("status") == true;
        return new()
        {
            Name = EntityMetadata.Of(type).Version,
            Served = true,
            Storage = stored,
            Schema = new() { OpenAPIV3Schema = schema },
            Subresources = !hasStatus && scale is null ? null : new()
            {
                Status = hasStatus ? new System.Text.Json.Nodes.JsonObject() : null,
                Scale = scale is null ? null : new()
                {
                    SpecReplicasPath = scale.SpecReplicasPath,
                    StatusReplicasPath = scale.StatusReplicasPath,
                    LabelSelectorPath = scale.LabelSelectorPath,
                },
            },
            AdditionalPrinterColumns = PrinterColumns.Of(type) is { Count: > 0 } columns ? columns : null,
        };
    }
}
