using RedisTopology.Operator.Redis;
using StackExchange.Redis;

namespace RedisTopology.Operator.Slots;

/// <summary>Keys of a slot, and the sizes of those that are not small.</summary>
/// <param name="Keys">The names.</param>
/// <param name="Sizes">Index of a key to its size in bytes, for keys of <see cref="SmallBytes"/> and more.</param>
internal sealed record SlotListing(byte[][] Keys, IReadOnlyDictionary<int, long> Sizes)
{
    /// <summary>Smaller keys are counted, not weighed: a batch of the most keys holds 1 MiB of them at worst.</summary>
    public const int SmallBytes = 2048;

    /// <summary>How many keys of a slot are listed at most: 2 ms of the server's time.</summary>
    public const int Most = 50_000;

    /// <summary>Keys that are weighed together: 0.1 ms of the server's time, for it serves nobody else until it has been through what one client has sent.</summary>
    private const int AskedTogether = 128;

    /// <summary>
    /// Lists keys of a slot and asks for the size of each, with as many commands: half a microsecond of the server's time for a key, and it serves others in between. A script
    /// that did it all took twice as long, at one go.
    /// </summary>
    /// <param name="servers">The connections.</param>
    /// <param name="address">The slot's owner.</param>
    /// <param name="slot">The slot.</param>
    /// <returns>The listing, of all keys unless there are more than <see cref="Most"/>.</returns>
    public static async Task<SlotListing> ReadAsync(IRedisCommands servers, string address, int slot)
    {
        var keys = (byte[][])(await servers.ExecuteAsync(address, "CLUSTER", "GETKEYSINSLOT", slot, Most))!;
        var sizes = new Dictionary<int, long>();
        for (var from = 0; from < keys.Length; from += AskedTogether)
        {
            var some = new ArraySegment<byte[]>(keys, from, Math.Min(AskedTogether, keys.Length - from));
            var replies = servers.ExecuteAllAsync(address, "MEMORY", [.. some.Select(k => new object[] { "USAGE", k })]);
            await ((Task)Task.WhenAll(replies)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            for (var i = 0; i < replies.Length; i++)
            {
                // A key that has expired meanwhile has no size, and in an open slot the server then says where else it may be.
                if (replies[i].Exception?.InnerException is RedisServerException)
                    continue;
                if (await replies[i] is { IsNull: false } reply && (long)reply >= SmallBytes)
                    sizes[from + i] = (long)reply;
            }
        }

        return new SlotListing(keys, sizes);
    }

    /// <summary>The largest key that was measured.</summary>
    /// <returns>Its index and size, or null when all are small.</returns>
    public (int Index, long Size)? Largest() => Sizes.Count == 0 ? null : Sizes.Select(s => (s.Key, s.Value)).MaxBy(s => s.Value);
}
