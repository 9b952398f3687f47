namespace RedisTopology.Population;

/// <summary>What an origin says about a key.</summary>
public readonly struct OriginAnswer
{
    private OriginAnswer(OriginVerdict verdict, ReadOnlyMemory<byte> value, TimeSpan? ttl, string? error) => (Verdict, Value, Ttl, Error) = (verdict, value, ttl, error);

    /// <summary>Which of the three it is.</summary>
    public OriginVerdict Verdict { get; }

    /// <summary>The value, when there is one.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>How long the value is fresh, in place of the policy's <see cref="PopulationPolicy.Ttl"/>; null: as the policy says.</summary>
    public TimeSpan? Ttl { get; }

    /// <summary>What went wrong.</summary>
    public string? Error { get; }

    /// <summary>There is a value.</summary>
    /// <param name="value">Its bytes; not to be changed any more.</param>
    /// <param name="ttl">How long it is fresh; null: as the policy says.</param>
    /// <returns>The answer.</returns>
    public static OriginAnswer Found(ReadOnlyMemory<byte> value, TimeSpan? ttl = null) => new(OriginVerdict.Found, value, ttl, null);

    /// <summary>There is none, and that is certain.</summary>
    /// <returns>The answer.</returns>
    public static OriginAnswer NotFound() => new(OriginVerdict.NotFound, default, null, null);

    /// <summary>The origin does not work.</summary>
    /// <param name="error">Why, for the caller.</param>
    /// <returns>The answer.</returns>
    public static OriginAnswer Failed(string error) => new(OriginVerdict.Failed, default, null, error);
}
