namespace RedisTopology.Cli.Hosting;

/// <summary>Ends the command with a message for a person and an exit code.</summary>
/// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="message">What is wrong.</param>
/// <param name="remedy">What can be done about it; null when the message says it all.</param>
internal sealed class CliException(int exitCode, string message, string? remedy = null) : Exception(message)
{
    public int ExitCode => exitCode;

    public string? Remedy => remedy;
}
