using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>
/// Retries a connection soon at first, since a server that just started listens within a second, and then ever more slowly, since one of a thousand
/// clusters that is down for the night must cost nothing: 250 ms for five seconds, then a quarter of the time it has been down, at most 10 s.
/// </summary>
internal sealed class ReconnectPolicy : IReconnectRetryPolicy
{
    public bool ShouldRetry(long currentRetryCount, int timeElapsedMillisecondsSinceLastRetry)
    {
        var pause = currentRetryCount < 20 ? 250 : Math.Min(250 * (currentRetryCount - 18), 10_000);
        return timeElapsedMillisecondsSinceLastRetry >= pause;
    }
}
