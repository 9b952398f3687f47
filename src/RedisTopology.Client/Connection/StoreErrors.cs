using RedisTopology.Population;
using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>From the exceptions of StackExchange.Redis to the one of the protocol.</summary>
internal static class StoreErrors
{
    public static bool IsOfTheConnection(Exception e) => e is RedisException or RedisCommandException or TimeoutException or ObjectDisposedException;

    public static PopulationStoreException From(Exception e) => e switch
    {
        RedisServerException => new(e.Message, e),
        RedisTimeoutException or TimeoutException => new("ERR the cluster did not answer in time", e),
        _ => new("ERR the cluster could not be reached", e),
    };
}
