using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>The operator is killed at a command: that one and all after it are never sent, or it is the last that is sent and nobody hears the reply.</summary>
/// <param name="inner">The connections.</param>
/// <param name="at">Number of the command, from 1.</param>
/// <param name="sent">Whether that command is still sent.</param>
/// <param name="counts">Which commands are counted; null for all.</param>
internal sealed class FaultyCommands(IRedisCommands inner, int at, bool sent, Func<string, bool>? counts = null) : IRedisCommands
{
    private int _count;

    /// <summary>Whether it came to that.</summary>
    public bool Killed { get; private set; }

    public string Password => inner.Password;

    public async Task<RedisResult> ExecuteAsync(string address, string command, params object[] arguments)
    {
        if (Killed)
            throw new KilledException();
        if (counts?.Invoke(command) != false && Interlocked.Increment(ref _count) == at)
        {
            Killed = true;
            if (sent)
                await inner.ExecuteAsync(address, command, arguments);
            throw new KilledException();
        }

        return await inner.ExecuteAsync(address, command, arguments);
    }

    internal sealed class KilledException : Exception;
}
