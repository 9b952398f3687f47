using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using RedisTopology.Core.Keys;
using StackExchange.Redis;

namespace RedisTopology.Client;

/// <summary>
/// An <see cref="IDistributedCache"/>, for HybridCache and others, whose entries are plain strings with the servers' own expiry. Microsoft's own store keeps a hash of three fields.
/// </summary>
/// <remarks>A plain string has no place for a sliding expiration: entries that ask for one are refused. HybridCache does not.</remarks>
internal sealed class PlainDistributedCache(ClusterConnection connection, KeyMapping keys, TimeProvider time) : IBufferDistributedCache
{
    public byte[]? Get(string key) => connection.Database.StringGet(Key(key, out var flags), flags);

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default) =>
        await connection.Database.StringGetAsync(Key(key, out var flags), flags).WaitAsync(token).ConfigureAwait(false);

    public bool TryGet(string key, IBufferWriter<byte> destination) => Write(Get(key), destination);

    public async ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default) =>
        Write(await GetAsync(key, token).ConfigureAwait(false), destination);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        var redisKey = Key(key, out _);
        connection.Database.StringSet(redisKey, value, Expiry(options));
        connection.NoteWrite(redisKey);
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        var redisKey = Key(key, out _);
        await connection.Database.StringSetAsync(redisKey, value, Expiry(options)).WaitAsync(token).ConfigureAwait(false);
        connection.NoteWrite(redisKey);
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options) => Set(key, value.ToArray(), options);

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        await SetAsync(key, value.ToArray(), options, token).ConfigureAwait(false);

    public void Refresh(string key)
    {
        // Nothing slides.
    }

    public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

    public void Remove(string key)
    {
        var redisKey = Key(key, out _);
        connection.Database.KeyDelete(redisKey);
        connection.NoteWrite(redisKey);
    }

    public async Task RemoveAsync(string key, CancellationToken token = default)
    {
        var redisKey = Key(key, out _);
        await connection.Database.KeyDeleteAsync(redisKey).WaitAsync(token).ConfigureAwait(false);
        connection.NoteWrite(redisKey);
    }

    private static bool Write(byte[]? value, IBufferWriter<byte> destination)
    {
        if (value is null)
            return false;
        destination.Write(value);
        return true;
    }

    private RedisKey Key(string key, out CommandFlags flags)
    {
        RedisKey redisKey = keys.ToPhysical(key);
        flags = connection.ReadFlags(redisKey);
        return redisKey;
    }

    private Expiration Expiry(DistributedCacheEntryOptions options)
    {
        if (options.SlidingExpiration is not null)
            throw new NotSupportedException("A sliding expiration is not supported: entries are plain strings. Use an absolute one");
        TimeSpan? left = options.AbsoluteExpirationRelativeToNow ?? (options.AbsoluteExpiration is { } at ? at - time.GetUtcNow() : null);
        return left is { } ttl ? new Expiration(ttl > TimeSpan.FromMilliseconds(1) ? ttl : TimeSpan.FromMilliseconds(1)) : default;
    }
}
