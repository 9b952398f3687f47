using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Changes of other objects, mapped by the operator's own rule.</summary>
internal sealed class MappedKeySource<TEntity, TOther>(
    IResourceCache<TOther> others,
    IResourceCache<TEntity> entities,
    Func<ResourceChange<TOther>, IResourceCache<TEntity>, IEnumerable<ObjectKey>> map) : IKeySource<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
    where TOther : class, IKubernetesObject<V1ObjectMeta>
{
    public IDisposable Connect(Action<ObjectKey> enqueue) => others.Subscribe(change =>
    {
        foreach (var key in map(change, entities))
            enqueue(key);
    });

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => others.WaitForSyncAsync(cancellationToken);
}
