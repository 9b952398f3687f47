namespace RedisTopology.Cli.Servers;

/// <summary>A command could not be run in a pod.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">What was thrown.</param>
internal sealed class PodShellException(string message, Exception inner) : Exception(message, inner);
