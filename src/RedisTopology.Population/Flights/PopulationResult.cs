namespace RedisTopology.Population;

/// <summary>What a populated read found.</summary>
/// <param name="Status">Where it comes from.</param>
/// <param name="Value">The value; null when there is none.</param>
/// <param name="Error">Why there is none, for <see cref="PopulationStatus.OriginDown"/> and <see cref="PopulationStatus.StoreFailed"/>.</param>
public readonly record struct PopulationResult(PopulationStatus Status, ReadOnlyMemory<byte>? Value, string? Error)
{
    /// <summary>Whether there is a value.</summary>
    public bool HasValue => Value is not null;

    /// <summary>The value, or null when the origin has none.</summary>
    /// <returns>The value's bytes.</returns>
    /// <exception cref="OriginDownException">The origin does not work, and nothing is in the cache.</exception>
    /// <exception cref="PopulationStoreException">The cluster does not work.</exception>
    public ReadOnlyMemory<byte>? ValueOrThrow() => Status switch
    {
        PopulationStatus.OriginDown => throw new OriginDownException(Error ?? "the origin is down"),
        PopulationStatus.StoreFailed => throw new PopulationStoreException(Error ?? "ERR the cluster could not be reached"),
        _ => Value,
    };
}
