namespace RedisTopology.Population;

/// <summary>What became of one entry.</summary>
internal readonly record struct PushOutcome(PushVerdict Verdict, string? Reason);
