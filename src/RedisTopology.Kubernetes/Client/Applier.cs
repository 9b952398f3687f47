using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

internal sealed class Applier(ApiConnection connection, OperatorSettings settings) : IApplier
{
    // JSON is YAML, and every server that knows apply takes this type; "apply-patch+json" came later.
    private const string ApplyPatch = "application/apply-patch+yaml";
    private const string MergePatch = "application/merge-patch+json";
    private const string StrategicMergePatch = "application/strategic-merge-patch+json";

    public Task<TEntity> ApplyAsync<TEntity>(TEntity entity, ApplyOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        options ??= ApplyOptions.Default;
        return SendAsync<TEntity>(EntityMetadata.Of<TEntity>(), ApplyDocument.From(entity, options.Subresource), options, cancellationToken);
    }

    public Task<RawObject<TKind>> ApplyAsync<TKind>(JsonObject document, ApplyOptions? options = null, CancellationToken cancellationToken = default)
        where TKind : class, IKubernetesObject<V1ObjectMeta>
    {
        options ??= ApplyOptions.Default;
        var kind = EntityMetadata.Of<TKind>();
        return SendAsync<RawObject<TKind>>(kind, ApplyDocument.From(document, kind, options.Subresource), options, cancellationToken);
    }

    public Task<RawObject<TKind>> MergePatchAsync<TKind>(ObjectKey key, JsonObject patch, string? subresource = null, CancellationToken cancellationToken = default)
        where TKind : class, IKubernetesObject<V1ObjectMeta> => PatchAsync<TKind>(key, patch, subresource, MergePatch, cancellationToken);

    public Task<RawObject<TKind>> StrategicMergePatchAsync<TKind>(ObjectKey key, JsonObject patch, string? subresource = null, CancellationToken cancellationToken = default)
        where TKind : class, IKubernetesObject<V1ObjectMeta> => PatchAsync<TKind>(key, patch, subresource, StrategicMergePatch, cancellationToken);

    public Task PatchLabelsAsync<TEntity>(TEntity entity, IReadOnlyDictionary<string, string?> labels, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(labels);
        // The uid cannot be changed, so naming it turns a patch of a namesake created since into a conflict.
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = entity.Metadata.Uid,
                ["labels"] = new JsonObject(labels.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Key, l.Value))),
            },
        };
        return MergePatchAsync<TEntity>(ObjectKey.Of(entity), patch, null, cancellationToken);
    }

    private Task<RawObject<TKind>> PatchAsync<TKind>(ObjectKey key, JsonObject patch, string? subresource, string contentType, CancellationToken cancellationToken)
        where TKind : class, IKubernetesObject<V1ObjectMeta>
    {
        var path = EntityMetadata.Of<TKind>().Path(key.Namespace, key.Name, subresource) + ApiConnection.Query(("fieldManager", settings.Name));
        return connection.SendAsync<RawObject<TKind>>(HttpMethod.Patch, path, JsonSerializer.SerializeToUtf8Bytes(patch), contentType, cancellationToken);
    }

    private Task<T> SendAsync<T>(EntityMetadata kind, JsonObject document, ApplyOptions options, CancellationToken cancellationToken)
    {
        var metadata = document["metadata"]!;
        var path = kind.Path((string?)metadata["namespace"], (string)metadata["name"]!, options.Subresource) + ApiConnection.Query(
            ("fieldManager", options.FieldManager ?? settings.Name), ("force", options.Force ? "true" : null), ("dryRun", options.DryRun ? "All" : null));
        return connection.SendAsync<T>(HttpMethod.Patch, path, JsonSerializer.SerializeToUtf8Bytes(document), ApplyPatch, cancellationToken);
    }
}
