namespace RedisTopology.Population;

/// <summary>Writes a value to the origin.</summary>
/// <param name="write">What to write.</param>
/// <param name="cancellationToken">Ends the call: the policy's timeout has passed. Whether it was written is unknown then.</param>
/// <returns>What the origin says. An exception counts as <see cref="OriginWriteAnswer.Unknown"/>.</returns>
public delegate ValueTask<OriginWriteAnswer> OriginWriter(OriginWrite write, CancellationToken cancellationToken);
