namespace RedisTopology.Population;

/// <summary>What a flight brought back.</summary>
/// <param name="Result">It.</param>
/// <param name="TrueFrom">The step in which it was looked at: it is for those who joined before that step.</param>
internal readonly record struct FlightEnd(PopulationResult Result, int TrueFrom);
