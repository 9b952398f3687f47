namespace RedisTopology.Testing.Load;

/// <summary>What came of a command.</summary>
/// <param name="Value">The reply: text, long, null or an array.</param>
/// <param name="Maybe">How many earlier attempts were sent and lost their reply: each may have been carried out, and none need have been.</param>
internal readonly record struct Answer(object? Value, int Maybe);
