using RedisTopology.Core.Topology;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Steps;

/// <summary>The last look before a takeover: whether the shard has got a master since the plan was made.</summary>
internal static class HandOver
{
    /// <summary>
    /// A look is made of answers from different moments. In the middle of a hand-over the old master may be seen when it is a replica already, and the new one while it still is: a shard without a
    /// master, as it seems, and a takeover by either would take away what the new master has acknowledged (one write, seen once). The old one follows because the new one leads, so that one says so by now.
    /// </summary>
    /// <param name="commands">The connections.</param>
    /// <param name="pods">The pods of the shard, as the plan knew them.</param>
    /// <returns>The name of one that was a replica and is a master; null when there is none. A server that does not answer is none.</returns>
    public static async Task<string?> SeenAsync(IRedisCommands commands, IEnumerable<ObservedPod> pods)
    {
        foreach (var pod in pods)
        {
            if (pod is { Address: { } address, Node.Role: NodeRole.Replica } && await LeadsAsync(commands, address))
                return pod.Name;
        }

        return null;
    }

    private static async Task<bool> LeadsAsync(IRedisCommands commands, string address)
    {
        try
        {
            return await commands.IsMasterAsync(address);
        }
        catch (RedisUnavailableException)
        {
            return false;
        }
    }
}
