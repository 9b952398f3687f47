using System.Collections.Concurrent;

namespace RedisTopology.Operator.Cluster;

/// <summary>The <see cref="ClusterState"/> of every cluster this process has looked at. A cluster that was deleted and made anew under its name starts afresh.</summary>
internal sealed class ClusterStates
{
    private readonly ConcurrentDictionary<ObjectKey, (string Uid, ClusterState State)> _states = new();

    /// <summary>All clusters known.</summary>
    public IEnumerable<KeyValuePair<ObjectKey, ClusterState>> All => _states.Select(s => KeyValuePair.Create(s.Key, s.Value.State));

    /// <summary>The state of a cluster.</summary>
    /// <param name="key">The cluster.</param>
    /// <param name="uid">Its uid.</param>
    /// <returns>The state.</returns>
    public ClusterState Of(ObjectKey key, string uid) =>
        _states.AddOrUpdate(key, _ => (uid, new ClusterState()), (_, old) => old.Uid == uid ? old : Renew(uid, old.State)).State;

    /// <summary>Forgets a cluster.</summary>
    /// <param name="key">The cluster.</param>
    public void Remove(ObjectKey key)
    {
        if (_states.TryRemove(key, out var old))
            old.State.Announcements.Keep([]);
    }

    private static (string Uid, ClusterState State) Renew(string uid, ClusterState old)
    {
        old.Announcements.Keep([]);
        return (uid, new ClusterState());
    }
}
