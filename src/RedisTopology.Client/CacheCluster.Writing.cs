using RedisTopology.Population;

namespace RedisTopology.Client;

/// <summary>Writes.</summary>
internal sealed partial class CacheCluster
{
    public async ValueTask<WriteResult> WriteThroughAsync<T>(string key, T value, Func<OriginRequest<T>, CancellationToken, ValueTask> write, string? policy = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(write);
        var (found, populator) = Find(policy);
        var physical = Physical(key);
        var bytes = _serializer.Serialize(value);
        var call = _diagnostics.Begin("write_through", found.Name, key);
        try
        {
            Exception? cause = null;
            var result = await populator.WriteThroughAsync(physical, bytes, async (request, token) =>
            {
                try
                {
                    await write(new(key, value, request.IdempotencyKey), token).ConfigureAwait(false);
                    return OriginWriteAnswer.Accepted();
                }
                catch (OriginRefusedException e)
                {
                    cause = e;
                    return OriginWriteAnswer.Refused(e.Message);
                }
                catch (Exception e)
                {
                    cause = e;
                    throw;
                }
            }, cancellationToken: cancellationToken).ConfigureAwait(false);
            await ForgetAsync(key).ConfigureAwait(false);
            call.Outcome = result.Status switch
            {
                WriteStatus.Written => "written",
                WriteStatus.WrittenNotCached => "written_not_cached",
                WriteStatus.Refused => "refused",
                WriteStatus.Busy => "busy",
                _ => "error",
            };
            return result.IsAcknowledged ? result : throw new WriteThroughException(result, cause);
        }
        finally
        {
            call.Dispose();
        }
    }

    public async ValueTask SetAsync<T>(string key, T value, TimeSpan? ttl = null, string? policy = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        var (found, populator) = Find(policy);
        var physical = Physical(key);
        var bytes = _serializer.Serialize(value);
        var call = _diagnostics.Begin("set", found.Name, key);
        try
        {
            await populator.SetAsync(physical, bytes, ttl, cancellationToken).ConfigureAwait(false);
            await ForgetAsync(key).ConfigureAwait(false);
            call.Outcome = "written";
        }
        finally
        {
            call.Dispose();
        }
    }

    public async ValueTask<bool> RemoveAsync(string key, CancellationToken cancellationToken = default)
    {
        var (found, populator) = Find(null);
        var physical = Physical(key);
        var call = _diagnostics.Begin("remove", found.Name, key);
        try
        {
            var removed = await populator.RemoveAsync(physical, cancellationToken).ConfigureAwait(false);
            await ForgetAsync(key).ConfigureAwait(false);
            call.Outcome = removed ? "removed" : "miss";
            return removed;
        }
        finally
        {
            call.Dispose();
        }
    }
}
