namespace RedisTopology.Population;

/// <summary>A value is neither in the cache nor to be had from the origin. To a client of the sidecar it is the error <c>ORIGINDOWN</c>.</summary>
public sealed class OriginDownException : Exception
{
    /// <summary>The code that the error begins with on the wire.</summary>
    public const string Code = "ORIGINDOWN";

    /// <summary>An error without a reason.</summary>
    public OriginDownException()
        : this("the origin is down")
    {
    }

    /// <summary>An error with a reason.</summary>
    /// <param name="message">The reason.</param>
    public OriginDownException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    /// <param name="message">The reason.</param>
    /// <param name="innerException">The cause.</param>
    public OriginDownException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
