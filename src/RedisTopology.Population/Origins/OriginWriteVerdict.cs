namespace RedisTopology.Population;

/// <summary>The kinds of answers of an origin to a write.</summary>
public enum OriginWriteVerdict
{
    /// <summary>Whether it is written is not known. The default, since it promises least.</summary>
    Unknown,

    /// <summary>It is written.</summary>
    Accepted,

    /// <summary>It is not written.</summary>
    Refused,
}
