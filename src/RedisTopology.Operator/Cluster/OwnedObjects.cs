using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace RedisTopology.Operator.Cluster;

/// <inheritdoc cref="IOwnedObjects"/>
internal sealed class OwnedObjects<TKind>(IResourceCache<RawObject<TKind>> cache, IApplier applier, IKubernetesClient client) : IOwnedObjects
    where TKind : class, IKubernetesObject<V1ObjectMeta>
{
    public string Kind { get; } = EntityMetadata.Of<TKind>().Kind;

    public (V1ObjectMeta Metadata, Func<JsonObject> Document)? Find(string @namespace, string name) =>
        cache.Get(@namespace, name) is { } live ? (live.Metadata, live.ToJsonObject) : null;

    public IEnumerable<(V1ObjectMeta Metadata, Func<JsonObject> Document)> OwnedBy(string uid) =>
        cache.OwnedBy(uid).Select(live => (live.Metadata, (Func<JsonObject>)live.ToJsonObject));

    public async Task<(V1ObjectMeta Metadata, JsonObject Document)?> GetAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        await client.GetAsync<RawObject<TKind>>(name, @namespace, cancellationToken) is { } live ? (live.Metadata, live.ToJsonObject()) : null;

    public async Task ApplyAsync(JsonObject document, CancellationToken cancellationToken) =>
        await applier.ApplyAsync<TKind>(document, cancellationToken: cancellationToken);

    public Task DeleteAsync(V1ObjectMeta live, string propagation, CancellationToken cancellationToken) =>
        client.DeleteAsync(new RawObject<TKind> { Metadata = live }, propagationPolicy: propagation, cancellationToken: cancellationToken);
}
