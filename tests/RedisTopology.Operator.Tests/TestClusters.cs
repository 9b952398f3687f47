using System.Text.Json;
using System.Text.Json.Nodes;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Tests;

/// <summary>CacheClusters as the API server would hand them over: from JSON.</summary>
internal static class TestClusters
{
    public const string Even = """{"size": {"memory": "1Gi"}, "sharding": {"count": 3}}""";

    public const string Explicit = """{"size": {"memory": "1Gi"}, "sharding": {"shards": [{"name": "a", "ranges": ["0-99", "200-16383"]}, {"name": "b", "ranges": ["100-199"]}]}}""";

    public static CacheCluster Of(string spec, string name = "blog-cache") => Of(JsonNode.Parse(spec), name);

    public static CacheCluster Of(JsonNode? spec, string name = "blog-cache") => new JsonObject
    {
        ["apiVersion"] = "cache.redistopology.io/v1alpha1",
        ["kind"] = "CacheCluster",
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "shop", ["uid"] = "7f4a4e5c-0001", ["generation"] = 7 },
        ["spec"] = spec?.DeepClone(),
    }.Deserialize<CacheCluster>(ApiJson.Options)!;

    /// <summary>The spec <paramref name="of"/> with one field set (by its path, for example <c>size.memory</c>), or removed when the value is the word <c>absent</c>.</summary>
    public static string With(string of, string path, string value)
    {
        var spec = JsonNode.Parse(of)!;
        var names = path.Split('.');
        var parent = spec;
        foreach (var name in names[..^1])
            parent = parent[name] ??= new JsonObject();
        if (value == "absent")
            parent.AsObject().Remove(names[^1]);
        else
            parent[names[^1]] = JsonNode.Parse(value);
        return spec.ToJsonString();
    }

    public static ClusterDefinition Define(string spec, string name = "blog-cache")
    {
        var (definition, errors) = SpecValidator.Validate(Of(spec, name), null);
        Assert.Empty(errors);
        return definition!;
    }
}
