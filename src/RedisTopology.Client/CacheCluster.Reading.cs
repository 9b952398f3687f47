using Microsoft.Extensions.Caching.Hybrid;
using RedisTopology.Population;

namespace RedisTopology.Client;

/// <summary>Reads.</summary>
internal sealed partial class CacheCluster
{
    public async ValueTask<T?> GetAsync<T>(string key, CancellationToken cancellationToken = default)
    {
        var physical = Physical(key);
        var call = _diagnostics.Begin("get", CacheClusterOptions.DefaultPolicyName, key);
        try
        {
            var stored = await _store.ReadAsync(physical, false, cancellationToken).ConfigureAwait(false);
            call.Outcome = stored.Value is null ? "miss" : "hit";
            return stored.Value is { } value ? _serializer.Deserialize<T>(value) : default;
        }
        finally
        {
            call.Dispose();
        }
    }

    public async ValueTask<T?> GetOrLoadAsync<T>(string key, Func<CancellationToken, ValueTask<T?>> load, string? policy = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(load);
        var (found, populator) = Find(policy);
        var physical = Physical(key);
        var call = _diagnostics.Begin("get_or_load", found.Name, key);
        try
        {
            ReadOnlyMemory<byte>? bytes;
            if (found.LocalTtl > TimeSpan.Zero)
            {
                call.Outcome = "local_hit";
                var local = new HybridCacheEntryOptions { LocalCacheExpiration = found.LocalTtl, Expiration = found.LocalTtl, Flags = HybridCacheEntryFlags.DisableDistributedCache };
                var kept = await _local!.GetOrCreateAsync(LocalKey(key), async token =>
                {
                    call.Outcome = "error";
                    var result = await ReadOrLoadAsync(populator, physical, load, token).ConfigureAwait(false);
                    call.Outcome = Outcome(result.Status);
                    return result.Value?.ToArray();
                }, local, cancellationToken: cancellationToken).ConfigureAwait(false);
                // A null array would become an empty value, which is one.
                bytes = kept is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(kept);
            }
            else
            {
                var result = await ReadOrLoadAsync(populator, physical, load, cancellationToken).ConfigureAwait(false);
                call.Outcome = Outcome(result.Status);
                bytes = result.Value;
            }

            return bytes is { } value ? _serializer.Deserialize<T>(value) : default;
        }
        catch (OriginDownException)
        {
            call.Outcome = "origin_down";
            throw;
        }
        finally
        {
            call.Dispose();
        }
    }

    private static string Outcome(PopulationStatus status) => status switch
    {
        PopulationStatus.Hit => "hit",
        PopulationStatus.Stale => "stale",
        PopulationStatus.Loaded => "loaded",
        _ => "not_found",
    };

    private async ValueTask<PopulationResult> ReadOrLoadAsync<T>(Populator populator, byte[] key, Func<CancellationToken, ValueTask<T?>> load, CancellationToken cancellationToken)
    {
        Exception? cause = null;
        var result = await populator.GetOrLoadAsync(key, async (_, token) =>
        {
            try
            {
                var value = await load(token).ConfigureAwait(false);
                return value is null ? OriginAnswer.NotFound() : OriginAnswer.Found(_serializer.Serialize(value));
            }
            catch (Exception e)
            {
                cause = e;
                throw;
            }
        }, cancellationToken).ConfigureAwait(false);
        if (result.Status == PopulationStatus.OriginDown)
            throw cause is null ? new OriginDownException(result.Error ?? "the origin is down") : new OriginDownException(result.Error ?? cause.Message, cause);
        _ = result.ValueOrThrow();
        return result;
    }
}
