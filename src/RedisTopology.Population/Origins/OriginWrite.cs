namespace RedisTopology.Population;

/// <summary>A write for the origin.</summary>
/// <param name="Key">The key as it was given to the <see cref="Populator"/>.</param>
/// <param name="Value">The value.</param>
/// <param name="IdempotencyKey">The same for every attempt of this write and for no other: an origin that has seen it does nothing again.</param>
public readonly record struct OriginWrite(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, string IdempotencyKey);
