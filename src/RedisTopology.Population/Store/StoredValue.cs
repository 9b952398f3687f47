namespace RedisTopology.Population;

/// <summary>What a read of a key found.</summary>
/// <param name="Value">The value's bytes; null when there is none. A null array converts to an empty memory, not to null: say which is meant.</param>
/// <param name="Remaining">How long it is kept yet; null when that was not asked for, or it does not expire.</param>
public readonly record struct StoredValue(ReadOnlyMemory<byte>? Value, TimeSpan? Remaining);
