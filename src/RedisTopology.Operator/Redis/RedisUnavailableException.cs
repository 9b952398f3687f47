namespace RedisTopology.Operator.Redis;

/// <summary>A server could not be asked. Its message is the reason in a few words.</summary>
internal sealed class RedisUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The message when nothing listens at the address.</summary>
    public const string Refused = "the connection was refused";

    /// <summary>The message when the server refused the password.</summary>
    public const string WrongPassword = "the password was refused";

    /// <summary>Nothing is known of why. The library keeps a refused password to itself at times.</summary>
    public const string NotConnected = "not connected";

    /// <summary>Whether another password may do.</summary>
    public bool MayBePassword => Message is WrongPassword or NotConnected;
}
