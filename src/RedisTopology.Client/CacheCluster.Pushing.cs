using System.Runtime.CompilerServices;
using RedisTopology.Population;

namespace RedisTopology.Client;

/// <summary>Pushes.</summary>
internal sealed partial class CacheCluster
{
    public async Task<PushProgress> PushAsync<T>(IAsyncEnumerable<Entry<T>> entries, PushOptions? options = null, IProgress<PushProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entries);
        options ??= new();
        if (options.ForegroundLatency is null)
            options = options with { ForegroundLatency = () => _store.ReadLatency };
        var call = _diagnostics.Begin("push", CacheClusterOptions.DefaultPolicyName, null);
        try
        {
            var pushed = await _pusher.PushAsync(PushEntriesAsync(entries, cancellationToken), options, progress, cancellationToken).ConfigureAwait(false);
            call.Outcome = pushed.Failed == 0 ? "pushed" : "pushed_in_part";
            return pushed;
        }
        finally
        {
            call.Dispose();
        }
    }

    private async IAsyncEnumerable<PushEntry> PushEntriesAsync<T>(IAsyncEnumerable<Entry<T>> entries, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in entries.WithCancellation(cancellationToken).ConfigureAwait(false))
            yield return string.IsNullOrEmpty(entry.Key) || entry.Value is null
                ? new(default, default, null, "it has no key, or no value")
                : new(Physical(entry.Key), _serializer.Serialize(entry.Value), entry.Ttl);
    }
}
