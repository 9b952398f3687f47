using System.Text.Json.Nodes;
using RedisTopology.Testing;

namespace RedisTopology.Charts.Tests;

/// <summary>Rendered manifests, to look things up in.</summary>
internal sealed class Manifests(string yaml)
{
    private readonly IReadOnlyList<JsonObject> _documents = YamlToJson.Read(yaml);

    public IReadOnlyList<JsonObject> All => _documents;

    public IEnumerable<JsonObject> OfKind(string kind) => _documents.Where(d => (string?)d["kind"] == kind);

    public JsonObject Single(string kind) => OfKind(kind).Single();

    public static string Name(JsonObject document) => (string)document["metadata"]!["name"]!;
}
