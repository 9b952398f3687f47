namespace RedisTopology.Population;

/// <summary>The kinds of answers of an origin.</summary>
public enum OriginVerdict
{
    /// <summary>It does not work, or took too long. The default, so that an answer nobody made is no value.</summary>
    Failed,

    /// <summary>There is a value.</summary>
    Found,

    /// <summary>There is none.</summary>
    NotFound,
}
