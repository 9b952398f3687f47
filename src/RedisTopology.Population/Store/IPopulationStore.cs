namespace RedisTopology.Population;

/// <summary>
/// All that the protocol needs of a cluster. Every decision is made by a script on the master of a key, where nothing comes between its steps; a store has only to
/// bring the script there, follow redirections, and bring its answer back. What may have been executed may be reported as failed: every script can be run again.
/// </summary>
public interface IPopulationStore
{
    /// <summary>Reads a key where this store reads, which may be a replica that is behind: a miss is looked at again on the master.</summary>
    /// <param name="key">The key as the servers know it.</param>
    /// <param name="withRemaining">Whether the time it has left is wanted too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The value, or none.</returns>
    /// <exception cref="PopulationStoreException">It cannot be read; the message is the server's, or tells why none was reached.</exception>
    ValueTask<StoredValue> ReadAsync(ReadOnlyMemory<byte> key, bool withRemaining, CancellationToken cancellationToken);

    /// <summary>Runs a script on the master of its keys, all of which share a slot.</summary>
    /// <param name="script">The script. It answers with three elements: a number, a bulk or nil, a number.</param>
    /// <param name="keys">Its keys; the first one is the populated key.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="cancellationToken">Ends the wait; the script may run nevertheless.</param>
    /// <returns>Its answer.</returns>
    /// <exception cref="PopulationStoreException">It was refused, or may not have been executed.</exception>
    ValueTask<ScriptReply> RunAsync(PopulationScript script, SiblingKeys keys, IReadOnlyList<ReadOnlyMemory<byte>> arguments, CancellationToken cancellationToken);

    /// <summary>Waits until replicas have what was last written to the master of a key by a script of this store.</summary>
    /// <param name="key">The key.</param>
    /// <param name="replicas">How many replicas are to have it, one or more.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many had it in time: less than asked for when the time ran out.</returns>
    /// <exception cref="PopulationStoreException">It could not be found out.</exception>
    ValueTask<int> WaitForReplicasAsync(ReadOnlyMemory<byte> key, int replicas, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Which shard holds a key: a number that is the same for all keys of one shard, 0 or more. Rates of a push are kept per shard.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The shard's number.</returns>
    int ShardOf(ReadOnlyMemory<byte> key);
}
