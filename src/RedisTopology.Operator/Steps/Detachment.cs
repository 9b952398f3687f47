using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Steps;

/// <summary>Makes an empty master of a replica.</summary>
internal static class Detachment
{
    /// <summary>
    /// <c>CLUSTER RESET</c> empties a replica in memory only: started again, it would read its append-only file and claim every slot of which it finds a key (seen on 7.0.15).
    /// <c>FLUSHALL</c> empties the file. A server that must have replicas to take writes would refuse that one; the setting comes back with the next look.
    /// </summary>
    /// <param name="commands">The connections.</param>
    /// <param name="address">The replica's address. A master that has keys refuses, before anything is changed.</param>
    /// <param name="renew">It takes another node id.</param>
    /// <returns>The work.</returns>
    public static async Task RunAsync(IRedisCommands commands, string address, bool renew)
    {
        await commands.ExecuteAsync(address, "CLUSTER", "RESET", renew ? "HARD" : "SOFT");
        await commands.ExecuteAsync(address, "CONFIG", "SET", "min-replicas-to-write", "0");
        await commands.ExecuteAsync(address, "FLUSHALL");
    }
}
