using System.Text.Json;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

internal sealed class KubernetesApiClient(ApiConnection connection, IApiCapabilities capabilities) : IKubernetesClient
{
    private const string Json = "application/json";

    public IKubernetes ApiClient => connection.Client;

    public async Task<TEntity?> GetAsync<TEntity>(string name, string? @namespace = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            return await connection.SendAsync<TEntity>(HttpMethod.Get, EntityMetadata.Of<TEntity>().Path(@namespace, name), null, Json, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public async Task<IList<TEntity>> ListAsync<TEntity>(
        string? @namespace = null, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        var reader = new ListReader<TEntity>(connection, @namespace, labelSelector, fieldSelector);
        var result = new List<TEntity>();
        string? next = null;
        do
        {
            var page = await reader.ReadPageAsync(500, next, read => result.Add(read.Object ?? throw new JsonException(read.Error)), TimeSpan.FromSeconds(60), cancellationToken).ConfigureAwait(false);
            next = page.Continue;
        }
        while (next is not null);
        return result;
    }

    public Task<TEntity> CreateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(entity);
        return connection.SendAsync<TEntity>(
            HttpMethod.Post, EntityMetadata.Of<TEntity>().Path(entity.Metadata.NamespaceProperty), Bytes(entity), Json, cancellationToken);
    }

    public Task<TEntity> UpdateAsync<TEntity>(TEntity entity, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(entity);
        return connection.SendAsync<TEntity>(
            HttpMethod.Put, EntityMetadata.Of<TEntity>().Path(entity.Metadata.NamespaceProperty, entity.Metadata.Name), Bytes(entity), Json, cancellationToken);
    }

    public async Task<bool> DeleteAsync<TEntity>(TEntity entity, long? gracePeriodSeconds = null, string propagationPolicy = "Background", CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        ArgumentNullException.ThrowIfNull(entity);
        var options = new V1DeleteOptions
        {
            ApiVersion = "v1",
            Kind = "DeleteOptions",
            GracePeriodSeconds = gracePeriodSeconds,
            PropagationPolicy = propagationPolicy,
            Preconditions = entity.Metadata.Uid is { Length: > 0 } uid ? new() { Uid = uid } : null,
        };
        var path = EntityMetadata.Of<TEntity>().Path(entity.Metadata.NamespaceProperty, entity.Metadata.Name);
        try
        {
            // The answer is the object or a Status, depending on the kind: nothing in it is needed.
            await connection.SendAsync<JsonElement>(HttpMethod.Delete, path, Bytes(options), Json, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    public async Task<bool> EvictAsync(V1ObjectMeta pod, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pod);
        const string Subresource = "eviction";
        var metadata = EntityMetadata.Of<V1Pod>();
        var kind = await capabilities.FindAsync("", "v1", $"{metadata.PluralName}/{Subresource}", cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("The API server evicts no pods.");
        var eviction = new V1Eviction
        {
            ApiVersion = $"{kind.Group}/{kind.Version}",
            Kind = kind.Kind,
            Metadata = new V1ObjectMeta { Name = pod.Name, NamespaceProperty = pod.NamespaceProperty },
            DeleteOptions = new V1DeleteOptions { Preconditions = new() { Uid = pod.Uid } },
        };
        try
        {
            await connection.SendAsync<JsonElement>(HttpMethod.Post, metadata.Path(pod.NamespaceProperty, pod.Name, Subresource), JsonSerializer.SerializeToUtf8Bytes(eviction, ApiJson.Options), Json, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private static byte[] Bytes<T>(T value)
    {
        // Servers refuse a create whose body lacks its type; entities of the client library leave it empty.
        if (value is IKubernetesObject<V1ObjectMeta> entity)
        {
            var kind = EntityMetadata.Of(entity.GetType());
            entity.ApiVersion ??= kind.ApiVersion;
            entity.Kind ??= kind.Kind;
        }

        return JsonSerializer.SerializeToUtf8Bytes(value, ApiJson.Options);
    }
}
