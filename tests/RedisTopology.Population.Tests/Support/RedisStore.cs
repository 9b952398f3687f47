using System.Text;
using StackExchange.Redis;

namespace RedisTopology.Population.Tests.Support;

/// <summary>The protocol's store over one real server.</summary>
public sealed class RedisStore(IDatabase database) : IPopulationStore
{
    /// <summary>Is asked before each script and may fail it: a process that dies, a connection that is cut.</summary>
    public Func<PopulationScript, Task>? Before { get; set; }

    /// <summary>Is asked after each script.</summary>
    public Func<PopulationScript, Task>? After { get; set; }

    public async ValueTask<StoredValue> ReadAsync(ReadOnlyMemory<byte> key, bool withRemaining, CancellationToken cancellationToken)
    {
        var value = (byte[]?)await database.StringGetAsync((RedisKey)key.ToArray());
        var left = withRemaining && value is not null ? await database.KeyTimeToLiveAsync((RedisKey)key.ToArray()) : null;
        // Not the array itself: a null one would become an empty value, and so would null in a conditional.
        return new(value is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(value), left);
    }

    public async ValueTask<ScriptReply> RunAsync(PopulationScript script, SiblingKeys keys, IReadOnlyList<ReadOnlyMemory<byte>> arguments, CancellationToken cancellationToken)
    {
        if (Before is { } before)
            await before(script);
        try
        {
            var reply = (RedisResult[])(await database.ScriptEvaluateAsync(script.Lua, [(RedisKey)keys.Key.ToArray(), keys.Lease.ToArray(), keys.Negative.ToArray()], [.. arguments.Select(a => (RedisValue)a)]))!;
            if (After is { } after)
                await after(script);
            return new((long)reply[0], reply[1].IsNull ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>((byte[])reply[1]!), (long)reply[2]);
        }
        catch (RedisException e)
        {
            throw new PopulationStoreException(e.Message, e);
        }
    }

    public async ValueTask<int> WaitForReplicasAsync(ReadOnlyMemory<byte> key, int replicas, TimeSpan timeout, CancellationToken cancellationToken) =>
        (int)await database.ExecuteAsync("WAIT", replicas, (long)timeout.TotalMilliseconds);

    public int ShardOf(ReadOnlyMemory<byte> key) => 0;

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string? Text(ReadOnlyMemory<byte>? bytes) => bytes is { } some ? Encoding.UTF8.GetString(some.Span) : null;
}
