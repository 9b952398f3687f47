using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>Commands to the single servers of a cluster. Those to one server are sent in the order of the calls, without waiting for each other's replies.</summary>
internal interface IRedisCommands
{
    /// <summary>The password of the default user, for servers that talk to each other.</summary>
    string Password { get; }

    /// <summary>Sends a command to the server at an address, and to no other: a redirection is an error like any other.</summary>
    /// <param name="address">The pod's IP address.</param>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="RedisUnavailableException">The server is not connected or did not answer in time; the message says why.</exception>
    /// <exception cref="RedisServerException">The server answered with an error.</exception>
    Task<RedisResult> ExecuteAsync(string address, string command, params object[] arguments);

    /// <summary>Sends the same command with each of some arguments, all at once where that is possible.</summary>
    /// <param name="address">The pod's IP address.</param>
    /// <param name="command">The command.</param>
    /// <param name="arguments">Its arguments, for each time.</param>
    /// <returns>The replies, in order, each as <see cref="ExecuteAsync"/> has it.</returns>
    Task<RedisResult>[] ExecuteAllAsync(string address, string command, IReadOnlyList<object[]> arguments) => [.. arguments.Select(a => ExecuteAsync(address, command, a))];
}
