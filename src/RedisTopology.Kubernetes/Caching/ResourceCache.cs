using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

internal sealed class ResourceCache<T> : IResourceCache<T>, IBackgroundLoop
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ResourceStore<T> _store;
    private readonly IReadOnlyList<Reflector<T>> _reflectors;

    public ResourceCache(ApiConnection connection, ResourceCacheOptions<T> options, OperatorSettings settings, OperatorMetrics metrics, ILogger<ResourceCache<T>> logger)
    {
        _store = new(options.Transform);
        var namespaces = options.Namespaces ?? [.. settings.WatchNamespaces];
        if (namespaces.Count == 0 || EntityMetadata.Of<T>().Scope == EntityScope.Cluster)
            namespaces = [string.Empty];
        _reflectors = [.. namespaces.Distinct(StringComparer.Ordinal).Select(ns => new Reflector<T>(connection, _store, options, ns, metrics, logger))];
        metrics.ObserveCache(EntityMetadata.Of<T>().PluralName, () => Count);
    }

    public bool HasSynced => _reflectors.All(r => r.Synced.IsCompleted);

    public int Count => _store.Count;

    public string Name => $"cache of {EntityMetadata.Of<T>().PluralName}";

    public IEnumerable<ILivenessProbe> Probes => _reflectors;

    public T? Get(string? @namespace, string name) => _store.Get(new(@namespace ?? string.Empty, name));

    public IReadOnlyList<T> List(string? @namespace = null) => _store.List(@namespace);

    public IReadOnlyList<T> OwnedBy(string uid) => _store.OwnedBy(uid);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.WhenAll(_reflectors.Select(r => r.Synced)).WaitAsync(cancellationToken);

    public IDisposable Subscribe(Action<ResourceChange<T>> handler) => _store.Subscribe(handler);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_reflectors.Select(r => Task.Run(() => r.RunAsync(cancellationToken), CancellationToken.None)));
}
