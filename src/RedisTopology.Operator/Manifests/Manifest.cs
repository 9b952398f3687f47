using System.Text.Json.Nodes;

namespace RedisTopology.Operator.Manifests;

/// <summary>
/// An object of a cluster as it should be: what is sent by server-side apply. It lives as long as its cluster, its document does not: the trees of fourteen objects
/// for each of a thousand clusters would be most of the operator's memory, and are looked at only when a live object has changed.
/// </summary>
/// <param name="kind">The kind, for example <c>Service</c>.</param>
/// <param name="name">The name.</param>
/// <param name="hash">The hash of the document, also in its <see cref="Labels.Applied"/> annotation.</param>
/// <param name="build">Builds the document; must give the same at each call.</param>
public sealed class Manifest(string kind, string name, string hash, Func<JsonObject> build)
{
    /// <summary>The kind, for example <c>Service</c>.</summary>
    public string Kind => kind;

    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>The hash of the document, also in its <see cref="Labels.Applied"/> annotation.</summary>
    public string Hash => hash;

    /// <summary><c>Kind/name</c>.</summary>
    public string Id { get; } = $"{kind}/{name}";

    /// <summary>The fields wanted, without <c>apiVersion</c> and <c>kind</c>. Built anew at each call, and the caller's to change.</summary>
    public JsonObject Document => build();
}
