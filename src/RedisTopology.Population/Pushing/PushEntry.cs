namespace RedisTopology.Population;

/// <summary>One value to push.</summary>
/// <param name="Key">The key as the servers know it.</param>
/// <param name="Value">The value.</param>
/// <param name="Ttl">How long it is kept, before jitter; null: as <see cref="PushOptions.Ttl"/> says.</param>
/// <param name="Invalid">Why this is no entry at all, when its source could not be read: it is counted as failed. Null for a good one.</param>
public readonly record struct PushEntry(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value, TimeSpan? Ttl = null, string? Invalid = null);
