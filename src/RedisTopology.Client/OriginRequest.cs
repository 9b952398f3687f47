namespace RedisTopology.Client;

/// <summary>A write for the origin.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Key">The key as the application knows it.</param>
/// <param name="Value">The value.</param>
/// <param name="IdempotencyKey">33 characters of ASCII, the same for every attempt of this write and for no other: an origin that has seen it does nothing again.</param>
public readonly record struct OriginRequest<T>(string Key, T Value, string IdempotencyKey);
