using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// <para>
/// A local copy of all objects of a kind (within the watched namespaces and the label selector), kept by one list and then watches. It lags the server by
/// the time an event travels, and only ever moves forward. Reading it costs no request.
/// </para>
/// <para>Objects are shared between all readers: do not change them.</para>
/// </summary>
/// <typeparam name="T">The kind, or a slim view of it: a type with the kind's <c>[KubernetesEntity]</c> that declares only the fields wanted.</typeparam>
public interface IResourceCache<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Whether the first list is complete in every watched namespace. Until then absence means nothing.</summary>
    bool HasSynced { get; }

    /// <summary>How many objects are held.</summary>
    int Count { get; }

    /// <summary>An object, or null when there is none.</summary>
    /// <param name="namespace">The namespace; empty for cluster-scoped kinds.</param>
    /// <param name="name">The name.</param>
    T? Get(string? @namespace, string name);

    /// <summary>The objects of a namespace, or all; a snapshot in no particular order.</summary>
    /// <param name="namespace">The namespace; null for all.</param>
    IReadOnlyList<T> List(string? @namespace = null);

    /// <summary>The objects whose controller owner reference has this uid; a snapshot ordered by name. An index: it costs nothing to ask.</summary>
    /// <param name="uid">The owner's uid.</param>
    IReadOnlyList<T> OwnedBy(string uid);

    /// <summary>Waits until <see cref="HasSynced"/>.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Calls back on every change after it is visible here, from the watching thread: be quick, enqueue a key. A relist reports only real differences.</summary>
    /// <param name="handler">What to call.</param>
    /// <returns>Ends the subscription.</returns>
    IDisposable Subscribe(Action<ResourceChange<T>> handler);
}
