using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>Changes of children, mapped to their controller owner.</summary>
internal sealed class OwnedKeySource<TEntity, TChild>(IResourceCache<TChild> children, Func<ResourceChange<TChild>, bool>? predicate) : IKeySource<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
    where TChild : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly EntityMetadata Owner = EntityMetadata.Of<TEntity>();

    public IDisposable Connect(Action<ObjectKey> enqueue) => children.Subscribe(change =>
    {
        if (predicate is not null && !predicate(change))
            return;
        // Both sides, because a child may change hands.
        var (before, after) = (KeyOf(change.Old), KeyOf(change.New));
        if (before is { } old)
            enqueue(old);
        if (after is { } now && now != before)
            enqueue(now);
    });

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => children.WaitForSyncAsync(cancellationToken);

    private static ObjectKey? KeyOf(TChild? child)
    {
        // By kind and group: the owner's version in the reference is whatever was current when the child was made.
        if (child?.ControllerOwner() is not { } owner || owner.Kind != Owner.Kind || GroupOf(owner.ApiVersion) != Owner.Group)
            return null;
        return new(Owner.Scope == EntityScope.Cluster ? string.Empty : child.Metadata.NamespaceProperty ?? string.Empty, owner.Name);
    }

    private static string GroupOf(string apiVersion) => apiVersion.IndexOf('/', StringComparison.Ordinal) is var i and > 0 ? apiVersion[..i] : string.Empty;
}
