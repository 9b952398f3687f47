namespace RedisTopology.Population;

/// <summary>How often entries failed for one reason.</summary>
/// <param name="Count">How often.</param>
/// <param name="First">The first such entry, counted from 0.</param>
public readonly record struct PushReason(long Count, long First);
