using RedisTopology.Population;

namespace RedisTopology.Client;

/// <summary>A write through the cache that is not acknowledged.</summary>
public sealed class WriteThroughException : Exception
{
    /// <summary>An error without a reason.</summary>
    public WriteThroughException()
        : this("the write is not acknowledged")
    {
    }

    /// <summary>An error with a reason.</summary>
    /// <param name="message">The reason.</param>
    public WriteThroughException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    /// <param name="message">The reason.</param>
    /// <param name="innerException">The cause.</param>
    public WriteThroughException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal WriteThroughException(WriteResult result, Exception? cause)
        : this(result.Error ?? "the write is not acknowledged", cause) => Status = result.Status;

    /// <summary>
    /// How it ended. <see cref="WriteStatus.Unknown"/>: it may be written. <see cref="WriteStatus.Refused"/>, <see cref="WriteStatus.Busy"/> and <see cref="WriteStatus.StoreFailed"/>: it
    /// is not, neither in the origin nor in the cache.
    /// </summary>
    public WriteStatus Status { get; } = WriteStatus.Unknown;
}
