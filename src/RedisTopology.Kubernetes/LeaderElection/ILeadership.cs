namespace RedisTopology.Kubernetes;

/// <summary>
/// The fence. Only the leader acts; everything with effects outside of the API server (which a stale leader could still reach) runs under
/// <see cref="Token"/>. The token is cancelled at the latest when the renew deadline has passed, which is earlier than another instance may take the lease.
/// </summary>
public interface ILeadership
{
    /// <summary>Whether this instance leads now.</summary>
    bool IsLeader { get; }

    /// <summary>Cancelled when the present leadership ends; already cancelled while not leading. Take it anew for each piece of work.</summary>
    CancellationToken Token { get; }

    /// <summary>The identity of this instance in the lease.</summary>
    string Identity { get; }

    /// <summary>Waits until this instance leads.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The token of that leadership.</returns>
    Task<CancellationToken> WaitAsync(CancellationToken cancellationToken);
}
