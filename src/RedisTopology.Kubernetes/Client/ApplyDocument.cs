using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// What is sent by server-side apply. A typed model says more than its author meant: a <c>DateTime</c> never set is written as year 1, a status never thought of
/// as <c>replicas: 0</c>, and an object that was read carries <c>resourceVersion</c> and <c>managedFields</c>. Each of these would be refused, or worse, owned.
/// </summary>
public static class ApplyDocument
{
    private static readonly string[] ServerOwned =
        ["managedFields", "resourceVersion", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "selfLink"];

    /// <summary>The document for a model.</summary>
    /// <param name="entity">The model; not changed.</param>
    /// <param name="subresource">Null for the object itself (the status is dropped), else the subresource (only that is kept).</param>
    public static JsonObject From(IKubernetesObject<V1ObjectMeta> entity, string? subresource = null)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var kind = EntityMetadata.Of(entity.GetType());
        var document = JsonSerializer.SerializeToNode(entity, entity.GetType(), ApiJson.Options)!.AsObject();
        return Clean(document, kind, subresource);
    }

    /// <summary>The document for JSON.</summary>
    /// <param name="document">The JSON; not changed.</param>
    /// <param name="kind">What it is; fills in <c>apiVersion</c> and <c>kind</c>.</param>
    /// <param name="subresource">Null for the object itself (the status is dropped), else the subresource (only that is kept).</param>
    public static JsonObject From(JsonObject document, EntityMetadata kind, string? subresource = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(kind);
        return Clean(document.DeepClone().AsObject(), kind, subresource);
    }

    private static JsonObject Clean(JsonObject document, EntityMetadata kind, string? subresource)
    {
        var metadata = document["metadata"] as JsonObject ?? [];
        if (string.IsNullOrEmpty((string?)metadata["name"]))
            throw new ArgumentException($"A {kind.Kind} without metadata.name cannot be applied.", nameof(document));
        var result = new JsonObject { ["apiVersion"] = kind.ApiVersion, ["kind"] = kind.Kind };
        if (subresource is null)
        {
            document.Remove("metadata");
            foreach (var field in ServerOwned)
                metadata.Remove(field);
            result["metadata"] = metadata;
            foreach (var (name, value) in document.ToList())
            {
                if (name is "apiVersion" or "kind" or "status")
                    continue;
                document.Remove(name);
                result[name] = value;
            }
        }
        else
        {
            // Of the metadata only what identifies the object: labels sent along with a status would be owned by it.
            var identity = new JsonObject { ["name"] = metadata["name"]!.DeepClone() };
            if (metadata["namespace"] is { } @namespace)
                identity["namespace"] = @namespace.DeepClone();
            result["metadata"] = identity;
            // The scale subresource is a spec of its own; resize and ephemeralcontainers take the pod's.
            var part = subresource == "status" ? "status" : "spec";
            if (document[part] is { } value)
                result[part] = value.DeepClone();
        }

        DropUnset(result);
        return result;
    }

    private static void DropUnset(JsonNode node)
    {
        if (node is JsonObject fields)
        {
            foreach (var (name, value) in fields.ToList())
            {
                if (value is null || IsUnsetTime(value))
                    fields.Remove(name);
                else
                    DropUnset(value);
            }
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
            {
                if (item is not null)
                    DropUnset(item);
            }
        }
    }

    private static bool IsUnsetTime(JsonNode value)
        => value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && text.StartsWith("0001-01-01T00:00:00", StringComparison.Ordinal);
}
