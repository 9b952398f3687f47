namespace RedisTopology.Population;

/// <summary>A server refused a step of the protocol, or could not be reached. The message is fit to be shown to a client: as a server's error, it begins with a code in capitals.</summary>
public sealed class PopulationStoreException : Exception
{
    /// <summary>An error without a message of its own.</summary>
    public PopulationStoreException()
        : this("ERR the cluster could not be reached")
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">The server's error, without the leading minus.</param>
    public PopulationStoreException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public PopulationStoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
