using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// An object kept as it came: the metadata that caches index, and the whole object as compact UTF-8 JSON without <c>managedFields</c>
/// (often half of the text). For kinds the operator writes, where <see cref="ManifestDiff"/> needs every field but nothing reads them one by one:
/// a typed model of a StatefulSet costs some ten times its JSON.
/// </summary>
/// <typeparam name="TKind">A type whose <c>[KubernetesEntity]</c> names the kind; never instantiated.</typeparam>
[JsonConverter(typeof(RawObjectConverterFactory))]
public sealed class RawObject<TKind> : IKubernetesObject<V1ObjectMeta>
    where TKind : IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The <c>apiVersion</c>, from <typeparamref name="TKind"/> (items of a list do not repeat it).</summary>
    public string ApiVersion { get; set; } = EntityMetadata.Of<TKind>().ApiVersion;

    /// <summary>The kind, from <typeparamref name="TKind"/>.</summary>
    public string Kind { get; set; } = EntityMetadata.Of<TKind>().Kind;

    /// <summary>Name, namespace, uid, resourceVersion, generation, deletionTimestamp, labels and owner references; the rest is in <see cref="Json"/>.</summary>
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>The object as compact UTF-8 JSON, without <c>metadata.managedFields</c>.</summary>
    public ReadOnlyMemory<byte> Json { get; init; }

    /// <summary>The object as a tree of its own, free to be changed.</summary>
    public JsonObject ToJsonObject() => JsonNode.Parse(Json.Span)!.AsObject();

    /// <summary>The object as its typed model, parsed anew at each call.</summary>
    public TKind ToTyped() => JsonSerializer.Deserialize<TKind>(Json.Span, ApiJson.Options)!;
}
