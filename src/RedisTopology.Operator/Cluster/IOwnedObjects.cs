using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Cluster;

/// <summary>The live objects of one kind that clusters own, read from the cache and written by server-side apply.</summary>
internal interface IOwnedObjects
{
    /// <summary>The kind, as in <see cref="Manifest.Kind"/>.</summary>
    string Kind { get; }

    /// <summary>The live object, or null.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <returns>Its metadata, and its document, which is parsed only when asked for.</returns>
    (V1ObjectMeta Metadata, Func<JsonObject> Document)? Find(string @namespace, string name);

    /// <summary>The live objects of this kind that a cluster is the controller of.</summary>
    /// <param name="uid">The cluster's uid.</param>
    /// <returns>Metadata and documents, by name.</returns>
    IEnumerable<(V1ObjectMeta Metadata, Func<JsonObject> Document)> OwnedBy(string uid);

    /// <summary>Asks the API server itself: for objects the cache does not hold (it keeps only what carries the operator's label), and where an old answer would do harm.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>Metadata and document, or null when there is no such object.</returns>
    Task<(V1ObjectMeta Metadata, JsonObject Document)?> GetAsync(string @namespace, string name, CancellationToken cancellationToken);

    /// <summary>Applies a document.</summary>
    /// <param name="document">The fields wanted.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task ApplyAsync(JsonObject document, CancellationToken cancellationToken);

    /// <summary>Deletes the very object that was seen; one that is gone already is success.</summary>
    /// <param name="live">Its metadata, with the uid.</param>
    /// <param name="propagation">What becomes of its dependents: <c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ApiConflictException">The name now belongs to another object.</exception>
    Task DeleteAsync(V1ObjectMeta live, string propagation, CancellationToken cancellationToken);
}
