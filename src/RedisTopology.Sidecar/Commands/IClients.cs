namespace RedisTopology.Sidecar.Commands;

/// <summary>The clients of the sidecar, as CLIENT LIST, KILL and UNBLOCK need them. May be called from any loop.</summary>
public interface IClients
{
    /// <summary>All that are connected now.</summary>
    IEnumerable<ClientState> All { get; }

    /// <summary>Closes a client's connection, at once or soon. Never called for the client that asks.</summary>
    /// <param name="client">One of <see cref="All"/>.</param>
    void Kill(ClientState client);

    /// <summary>Ends a client's blocking command, as a timeout or with -UNBLOCKED.</summary>
    /// <param name="client">One of <see cref="All"/>.</param>
    /// <param name="error">Whether with the error.</param>
    /// <returns>False when it was not blocked.</returns>
    bool Unblock(ClientState client, bool error);
}
