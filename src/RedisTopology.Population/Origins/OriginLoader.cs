namespace RedisTopology.Population;

/// <summary>Asks the origin for what belongs under a key.</summary>
/// <param name="key">The key as it was given to the <see cref="Populator"/>.</param>
/// <param name="cancellationToken">Ends the call: the policy's timeout has passed. The caller that caused it may be long gone.</param>
/// <returns>What the origin says. An exception counts as <see cref="OriginAnswer.Failed"/>.</returns>
public delegate ValueTask<OriginAnswer> OriginLoader(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);
