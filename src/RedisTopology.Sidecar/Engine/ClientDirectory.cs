using System.Collections.Concurrent;
using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>The clients of all loops, for CLIENT LIST and its like: one addition per connection, nothing per command.</summary>
internal sealed class ClientDirectory : IClients
{
    private readonly ConcurrentDictionary<long, (Client Client, Loop Loop)> _clients = new();

    /// <inheritdoc/>
    public IEnumerable<ClientState> All => _clients.Values.Select(c => Look(c.Client)).OrderBy(c => c.Id);

    /// <summary>Adds one that has connected.</summary>
    public void Add(Client client, Loop loop) => _clients[client.State.Id] = (client, loop);

    /// <summary>Takes out one that is gone.</summary>
    public void Remove(Client client) => _clients.TryRemove(client.State.Id, out _);

    /// <inheritdoc/>
    public void Kill(ClientState client)
    {
        if (_clients.TryGetValue(client.Id, out var found))
            found.Loop.Call(() => found.Loop.Kill(found.Client));
    }

    /// <inheritdoc/>
    public bool Unblock(ClientState client, bool error)
    {
        if (!_clients.TryGetValue(client.Id, out var found) || (found.Client.BlockedOn is null && !found.Client.IsWaiting))
            return false;
        found.Loop.Call(() => found.Loop.Unblock(found.Client, error));
        return true;
    }

    // What the loop knows of it, as it is at this moment.
    private static ClientState Look(Client client)
    {
        var state = client.State;
        state.Subscriptions = client.Subscriptions is { } s ? (s.Channels.Count, s.Patterns.Count, s.ShardChannels.Count) : default;
        state.Queued = client.Transaction?.Queued.Count ?? -1;
        state.Blocked = client.BlockedOn is not null || client.IsWaiting;
        return state;
    }
}
