namespace RedisTopology.Population;

/// <summary>The answer of a <see cref="PopulationScript"/>: what each number means is said there.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Value">A value, or null.</param>
/// <param name="Number">Milliseconds or a count.</param>
public readonly record struct ScriptReply(long Status, ReadOnlyMemory<byte>? Value, long Number);
