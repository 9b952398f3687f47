using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// The objects of a cache and the index by controller owner. Every change is made and announced under one lock, so that announcements come in the order of the changes;
/// readers take the lock only to look up or to copy references.
/// </summary>
internal sealed class ResourceStore<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ObjectKey, Entry> _entries = [];
    private readonly Dictionary<string, List<ObjectKey>> _byOwner = new(StringComparer.Ordinal);
    private readonly Func<T, T>? _transform;
    private readonly StringPool _strings = new();
    private Action<ResourceChange<T>>[] _handlers = [];

    public ResourceStore(Func<T, T>? transform) => _transform = transform;

    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    public T? Get(ObjectKey key)
    {
        lock (_gate)
            return _entries.TryGetValue(key, out var entry) ? entry.Object : null;
    }

    public IReadOnlyList<T> List(string? @namespace)
    {
        lock (_gate)
        {
            var result = new List<T>(@namespace is null ? _entries.Count : 16);
            foreach (var (key, entry) in _entries)
            {
                if (@namespace is null || key.Namespace == @namespace)
                    result.Add(entry.Object);
            }

            return result;
        }
    }

    public IReadOnlyList<T> OwnedBy(string uid)
    {
        lock (_gate)
        {
            if (!_byOwner.TryGetValue(uid, out var keys))
                return [];
            var result = new T[keys.Count];
            for (var i = 0; i < result.Length; i++)
                result[i] = _entries[keys[i]].Object;
            return result;
        }
    }

    /// <summary>Stores an object. Announces nothing when that very version is held already: a relist repeats what is known.</summary>
    /// <param name="item">The object.</param>
    /// <param name="list">The list it came with, for <see cref="Prune"/>.</param>
    public void Upsert(T item, long list)
    {
        Slim(item);
        if (_transform is not null)
            item = _transform(item);
        lock (_gate)
        {
            var key = ObjectKey.Of(item);
            if (!_entries.TryGetValue(key, out var before))
            {
                AddEntry(key, item, list);
                Announce(new(ReconciliationType.Added, null, item));
                return;
            }

            if (before.Object.Metadata.ResourceVersion == item.Metadata.ResourceVersion && before.Object.Metadata.Uid == item.Metadata.Uid)
            {
                _entries[key] = before with { List = list };
                return;
            }

            RemoveEntry(key, before);
            AddEntry(key, item, list);
            if (before.Object.Metadata.Uid == item.Metadata.Uid)
            {
                Announce(new(ReconciliationType.Modified, before.Object, item));
            }
            else
            {
                // Deleted and created again under the same name between two looks: two objects, not one that changed.
                Announce(new(ReconciliationType.Deleted, before.Object, null));
                Announce(new(ReconciliationType.Added, null, item));
            }
        }
    }

    /// <summary>Counts an object as part of a list although its new version could not be read.</summary>
    public void Touch(ObjectKey key, long list)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var entry))
                _entries[key] = entry with { List = list };
        }
    }

    public void Remove(ObjectKey key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var before))
                return;
            RemoveEntry(key, before);
            Announce(new(ReconciliationType.Deleted, before.Object, null));
        }
    }

    /// <summary>Removes what a complete list did not contain. Only to be called after its last page.</summary>
    /// <param name="namespace">The namespace that was listed; empty for all.</param>
    /// <param name="list">The list.</param>
    public void Prune(string @namespace, long list)
    {
        lock (_gate)
        {
            var gone = _entries.Where(e => e.Value.List != list && (@namespace.Length == 0 || e.Key.Namespace == @namespace)).ToList();
            foreach (var (key, entry) in gone)
            {
                RemoveEntry(key, entry);
                Announce(new(ReconciliationType.Deleted, entry.Object, null));
            }
        }
    }

    public IDisposable Subscribe(Action<ResourceChange<T>> handler)
    {
        lock (_gate)
            _handlers = [.. _handlers, handler];
        return new Subscription(() =>
        {
            lock (_gate)
                _handlers = [.. _handlers.Where(h => h != handler)];
        });
    }

    private void AddEntry(ObjectKey key, T item, long list)
    {
        _entries[key] = new(item, list);
        if (item.ControllerOwner()?.Uid is not { } owner)
            return;
        if (!_byOwner.TryGetValue(owner, out var keys))
            _byOwner[owner] = keys = new(4);
        var at = keys.BinarySearch(key, ByName.Instance);
        keys.Insert(at < 0 ? ~at : at, key);
    }

    private void RemoveEntry(ObjectKey key, Entry entry)
    {
        _entries.Remove(key);
        if (entry.Object.ControllerOwner()?.Uid is not { } owner || !_byOwner.TryGetValue(owner, out var keys))
            return;
        keys.Remove(key);
        if (keys.Count == 0)
            _byOwner.Remove(owner);
    }

    private void Announce(ResourceChange<T> change)
    {
        foreach (var handler in _handlers)
            handler(change);
    }

    private void Slim(T item)
    {
        var metadata = item.Metadata;
        metadata.ManagedFields = null;
        // Thousands of objects repeat the same few namespaces, label keys and owners.
        metadata.NamespaceProperty = _strings.Share(metadata.NamespaceProperty);
        metadata.Labels = _strings.Share(metadata.Labels);
        metadata.Annotations = _strings.Share(metadata.Annotations);
        foreach (var owner in metadata.OwnerReferences ?? [])
        {
            (owner.ApiVersion, owner.Kind) = (_strings.Share(owner.ApiVersion), _strings.Share(owner.Kind));
            (owner.Name, owner.Uid) = (_strings.Share(owner.Name), _strings.Share(owner.Uid));
        }
    }

    private readonly record struct Entry(T Object, long List);

    private sealed class ByName : IComparer<ObjectKey>
    {
        public static ByName Instance { get; } = new();

        public int Compare(ObjectKey x, ObjectKey y)
            => string.CompareOrdinal(x.Name, y.Name) is var byName and not 0 ? byName : string.CompareOrdinal(x.Namespace, y.Namespace);
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}
