using k8s;
using k8s.Models;

namespace RedisTopology.Operator.Tests;

/// <summary>A cache that shows nothing: what there is was made a moment ago.</summary>
internal sealed class EmptyCache<T> : IResourceCache<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public bool HasSynced => true;

    public int Count => 0;

    public T? Get(string? @namespace, string name) => null;

    public IReadOnlyList<T> List(string? @namespace = null) => [];

    public IReadOnlyList<T> OwnedBy(string uid) => [];

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public IDisposable Subscribe(Action<ResourceChange<T>> handler) => throw new NotSupportedException();
}
