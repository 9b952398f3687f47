using System.Globalization;
using System.Runtime.InteropServices;
using RedisTopology.Population;
using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>The commands of the protocol over StackExchange.Redis, which knows the slots, follows redirections and loads scripts where they are missing.</summary>
/// <param name="connection">The connection.</param>
/// <param name="isSession">Whether what is written here is read from the master for a while. Not for a push: a million keys would send all reads there.</param>
internal sealed class RedisPopulationStore(ClusterConnection connection, bool isSession) : IPopulationStore
{
    private long _readTicks;

    /// <summary>How long reads take at present, a moving average; null before the first.</summary>
    public TimeSpan? ReadLatency => Interlocked.Read(ref _readTicks) is > 0 and var ticks ? TimeSpan.FromTicks(ticks) : null;

    public async ValueTask<StoredValue> ReadAsync(ReadOnlyMemory<byte> key, bool withRemaining, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        try
        {
            var redisKey = Key(key);
            var database = connection.Database;
            var flags = connection.ReadFlags(redisKey);
            StoredValue found;
            if (withRemaining)
            {
                var both = await database.StringGetWithExpiryAsync(redisKey, flags).WaitAsync(cancellationToken).ConfigureAwait(false);
                found = new(Bytes(both.Value), both.Expiry);
            }
            else
            {
                var value = database.StringGetAsync(redisKey, flags);
                found = new(Bytes(cancellationToken.CanBeCanceled ? await value.WaitAsync(cancellationToken).ConfigureAwait(false) : await value.ConfigureAwait(false)), null);
            }

            NoteLatency(TimeProvider.System.GetElapsedTime(began).Ticks);
            return found;
        }
        catch (Exception e) when (StoreErrors.IsOfTheConnection(e))
        {
            throw StoreErrors.From(e);
        }
    }

    public async ValueTask<ScriptReply> RunAsync(PopulationScript script, SiblingKeys keys, IReadOnlyList<ReadOnlyMemory<byte>> arguments, CancellationToken cancellationToken)
    {
        var key = Key(keys.Key);
        try
        {
            var values = new RedisValue[arguments.Count];
            for (var i = 0; i < values.Length; i++)
                values[i] = arguments[i];
            var reply = (RedisResult[])(await connection.Database
                .ScriptEvaluateAsync(script.Lua, [key, Key(keys.Lease), Key(keys.Negative)], values, CommandFlags.DemandMaster).WaitAsync(cancellationToken).ConfigureAwait(false))!;
            var answer = new ScriptReply((long)reply[0], Bytes((RedisValue)reply[1]), (long)reply[2]);
            if (isSession && answer.Status == PopulationScripts.Done && !ReferenceEquals(script, PopulationScripts.Lookup))
                connection.NoteWrite(key);
            return answer;
        }
        catch (Exception e) when (StoreErrors.IsOfTheConnection(e))
        {
            throw StoreErrors.From(e);
        }
    }

    /// <remarks>
    /// WAIT counts what its own connection has written, and makes all that follows on it wait. So there is a connection for it, on which something is written first: replication is
    /// one stream, and who has this has what came before.
    /// </remarks>
    public async ValueTask<int> WaitForReplicasAsync(ReadOnlyMemory<byte> key, int replicas, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!connection.IsCluster)
            throw new PopulationStoreException("ERR replicas can be waited for only on a connection straight to the cluster: a sidecar shares its connections");
        try
        {
            var server = MasterOf(connection.Waiting, Key(key));
            var mark = server.ExecuteAsync("SET", [Key(new SiblingKeys(key).Lease).Append(":wait"), "", "PX", "1"]);
            var count = server.ExecuteAsync("WAIT", [replicas, ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)]);
            await mark.WaitAsync(cancellationToken).ConfigureAwait(false);
            return (int)await count.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (StoreErrors.IsOfTheConnection(e))
        {
            throw StoreErrors.From(e);
        }
    }

    /// <remarks>Through a sidecar there is one: it does not say which key is where.</remarks>
    public int ShardOf(ReadOnlyMemory<byte> key)
    {
        if (!connection.IsCluster)
            return 0;
        try
        {
            return MasterOf(connection.Multiplexer, Key(key)).EndPoint.GetHashCode() & int.MaxValue;
        }
        catch (PopulationStoreException)
        {
            return 0;
        }
    }

    private static IServer MasterOf(IConnectionMultiplexer multiplexer, RedisKey key)
    {
        var slot = multiplexer.GetHashSlot(key);
        foreach (var server in multiplexer.GetServers())
        {
            if (server.IsConnected && server.ClusterConfiguration?.GetBySlot(slot)?.EndPoint is { } master)
                return multiplexer.GetServer(master);
        }

        throw new PopulationStoreException("ERR no node of the cluster says where the key is");
    }

    private static RedisKey Key(ReadOnlyMemory<byte> key) =>
        MemoryMarshal.TryGetArray(key, out var array) && array.Offset == 0 && array.Count == array.Array!.Length ? array.Array : key.ToArray();

    private static ReadOnlyMemory<byte>? Bytes(RedisValue value) => value.IsNull ? default(ReadOnlyMemory<byte>?) : (ReadOnlyMemory<byte>)value;

    // That two threads may lose one of them does no harm.
    private void NoteLatency(long took)
    {
        var old = Interlocked.Read(ref _readTicks);
        Interlocked.Exchange(ref _readTicks, old == 0 ? took : Math.Max(1, old + ((took - old) / 8)));
    }
}
