namespace RedisTopology.Cli.Doctor;

/// <summary>How a check ended.</summary>
internal enum Outcome
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, with less than could be had.</summary>
    Note,

    /// <summary>Works now, and something about it should be changed.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Failed,

    /// <summary>Could not be looked at.</summary>
    Unknown,
}
