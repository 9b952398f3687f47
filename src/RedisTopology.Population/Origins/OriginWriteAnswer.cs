namespace RedisTopology.Population;

/// <summary>What an origin says to a write.</summary>
/// <param name="Verdict">Which of the three it is.</param>
/// <param name="Error">What went wrong, for the caller.</param>
public readonly record struct OriginWriteAnswer(OriginWriteVerdict Verdict, string? Error)
{
    /// <summary>It is written.</summary>
    /// <returns>The answer.</returns>
    public static OriginWriteAnswer Accepted() => new(OriginWriteVerdict.Accepted, null);

    /// <summary>It is not written, for certain: refused, or never sent.</summary>
    /// <param name="error">Why.</param>
    /// <returns>The answer.</returns>
    public static OriginWriteAnswer Refused(string error) => new(OriginWriteVerdict.Refused, error);

    /// <summary>It may be written, now or in a moment.</summary>
    /// <param name="error">Why that is not known.</param>
    /// <returns>The answer.</returns>
    public static OriginWriteAnswer Unknown(string error) => new(OriginWriteVerdict.Unknown, error);
}
