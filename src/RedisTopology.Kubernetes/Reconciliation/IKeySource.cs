using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Other objects whose changes concern entities.</summary>
internal interface IKeySource<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    IDisposable Connect(Action<ObjectKey> enqueue);

    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
