using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>Questions that several steps ask.</summary>
internal static class RedisCommandsExtensions
{
    /// <summary>Whether a server says it is a master.</summary>
    /// <param name="commands">The connections.</param>
    /// <param name="address">Its address.</param>
    /// <returns>True when it does.</returns>
    /// <exception cref="RedisUnavailableException">It does not answer.</exception>
    public static async Task<bool> IsMasterAsync(this IRedisCommands commands, string address) =>
        (string?)((RedisResult[])(await commands.ExecuteAsync(address, "ROLE"))!)[0] == "master";
}
