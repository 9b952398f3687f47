namespace RedisTopology.Operator.Redis;

/// <summary>A server could not be asked. Its message is the reason in a few words.</summary>
internal sealed class RedisUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The message when nothing listens at the address.</summary>
    public const string Refused = "the connection was refused";

    /// <summary>The message when the server refused the password.</summary>
    public const string WrongPassword = "the password was refused";

    /// <summary>The message when nothing is known of why.</summary>
    public const string NotConnected = "not connected";

    /// <summary>Begins the message when the server is silent.</summary>
    public const string NoAnswer = "no answer within ";

    /// <summary>Whether another password may do: the library keeps a refused one to itself at times, and goes on telling how the connection before it ended.</summary>
    public bool MayBePassword => Message != Refused && !Message.StartsWith(NoAnswer, StringComparison.Ordinal);
}
