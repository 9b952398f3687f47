using System.Globalization;

namespace RedisTopology.Operator.Redis;

/// <summary>A server could not be asked. Its message is the reason in a few words.</summary>
internal sealed class RedisUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The message when nothing listens at the address.</summary>
    public const string Refused = "the connection was refused";

    /// <summary>The message when the server refused the password.</summary>
    public const string WrongPassword = "the password was refused";

    /// <summary>The beginning of the message when the server is not one of the cluster's authorities and name.</summary>
    public const string NotVerified = "its certificate is not trusted";

    private const string NoAnswer = "no answer within ";

    /// <summary>Whether another password may do: the library keeps a refused one to itself at times, and goes on telling how the connection before it ended.</summary>
    public bool MayBePassword => Message != Refused && !Message.StartsWith(NoAnswer, StringComparison.Ordinal) && !Message.StartsWith(NotVerified, StringComparison.Ordinal);

    /// <summary>The message when the server is silent.</summary>
    /// <param name="timeout">How long it was waited for.</param>
    /// <returns>The message.</returns>
    public static string Silent(TimeSpan timeout) => string.Create(CultureInfo.InvariantCulture, $"{NoAnswer}{timeout.TotalSeconds:0.#} s");
}
