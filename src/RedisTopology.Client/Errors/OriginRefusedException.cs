namespace RedisTopology.Client;

/// <summary>Thrown by the code that writes to an origin when the value is not written there, for certain: the old one stays in the cache.</summary>
public sealed class OriginRefusedException : Exception
{
    /// <summary>A refusal without a reason.</summary>
    public OriginRefusedException()
        : this("the origin refused the value")
    {
    }

    /// <summary>A refusal with a reason.</summary>
    /// <param name="message">The reason.</param>
    public OriginRefusedException(string message)
        : base(message)
    {
    }

    /// <summary>A refusal with its cause.</summary>
    /// <param name="message">The reason.</param>
    /// <param name="innerException">The cause.</param>
    public OriginRefusedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
