using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>
/// <para>Keeps a store equal to what the server has in one namespace: list, then watch from the list's version, for ever.</para>
/// <para>
/// Losing a watch is ordinary and costs nothing: the next one starts where the last event left off. Losing the <em>position</em> (410, or a stream that cannot be
/// trusted any more) costs a list. A list changes the store object by object as pages arrive, but only its last page tells what is gone.
/// </para>
/// </summary>
internal sealed class Reflector<T>(
    ApiConnection connection,
    ResourceStore<T> store,
    ResourceCacheOptions<T> options,
    string @namespace,
    OperatorMetrics metrics,
    ILogger logger) : ILivenessProbe
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly string Resource = EntityMetadata.Of<T>().PluralName;

    private readonly TimeProvider _time = connection.Time;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ListReader<T> _lists = new(connection, @namespace, options.LabelSelector, options.FieldSelector);
    private readonly WatchReader<T> _watches = new(connection, @namespace, options.LabelSelector, options.FieldSelector);
    private readonly Backoff _backoff = new(options.MinBackoff, options.MaxBackoff);
    private long _lastSign;
    private long _listNumber;

    public Task Synced => _synced.Task;

    public string Name => $"watch of {Resource}{(@namespace.Length == 0 ? string.Empty : " in " + @namespace)}";

    public bool IsAlive => _lastSign == 0
        || _time.GetElapsedTime(Volatile.Read(ref _lastSign)) < options.WatchSilence + (options.StallSlack * 3) + options.MaxBackoff;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? position = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            Sign();
            try
            {
                position ??= await ListAsync(cancellationToken).ConfigureAwait(false);
                position = await WatchAsync(position, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (WatchFailedException e)
            {
                position = e.Position;
                Log.WatchRestarts(logger, Resource, @namespace, e.Reason, e.Message);
                metrics.WatchRestarted(Resource, e.Reason);
                await PauseAsync(e.RetryAfter ?? _backoff.Next(), cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever the network, a proxy or a converter throws, the loop must go on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.ListFailed(logger, Resource, @namespace, e.Message, e);
                metrics.WatchRestarted(Resource, "list_failed");
                await PauseAsync((e as ApiException)?.RetryAfter ?? _backoff.Next(), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var list = ++_listNumber;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Twice expired between pages means that paging is too slow for how long the server keeps old versions: then in one piece.
                int? limit = attempt <= 2 ? options.PageSize : null;
                ListPage page = default;
                do
                {
                    page = await _lists.ReadPageAsync(limit, page.Continue, item => Store(item, list), options.StallSlack, cancellationToken).ConfigureAwait(false);
                    Sign();
                }
                while (page.Continue is not null);
                store.Prune(@namespace, list);
                _synced.TrySetResult();
                Log.Listed(logger, Resource, @namespace, store.Count, page.ResourceVersion);
                return page.ResourceVersion;
            }
            catch (ApiException e) when (e.StatusCode == HttpStatusCode.Gone && attempt < 4)
            {
                // A new number, because what the abandoned pages contained may be gone by now.
                list = ++_listNumber;
                Log.ListExpired(logger, Resource, @namespace);
            }
        }
    }

    /// <returns>Where the next watch starts; null to list again.</returns>
    private async Task<string?> WatchAsync(string position, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var events = 0L;
        var silent = false;
        try
        {
            // At random, so that watches opened together do not all end together.
#pragma warning disable CA5394 // Not a secret.
            var timeout = options.WatchTimeout * (1 - (Random.Shared.NextDouble() * 0.1));
#pragma warning restore CA5394
            await foreach (var e in _watches.ReadAsync(position, timeout, options.WatchSilence, options.StallSlack, cancellationToken).ConfigureAwait(false))
            {
                if (silent = e.Kind == WatchEventKind.Silence)
                    break;
                Sign();
                if (e.Kind == WatchEventKind.Error)
                    throw Failure(e.Status, position);
                Apply(e);
                position = e.ResourceVersion!;
                events++;
                _backoff.Reset();
            }
        }
        catch (ApiException e)
        {
            throw e.StatusCode == HttpStatusCode.Gone
                ? new WatchFailedException("expired", null, TimeSpan.Zero, e)
                : new WatchFailedException("http_" + (int)e.StatusCode, position, e.RetryAfter, e);
        }
        catch (JsonException e)
        {
            throw new WatchFailedException("malformed", null, null, e);
        }
        catch (TimeoutException e)
        {
            throw new WatchFailedException("stalled", position, TimeSpan.Zero, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new WatchFailedException("connection", position, null, e);
        }

        // The ordinary end. A server that closes at once, every time, must not be asked in a tight loop.
        if (!silent && events == 0 && _time.GetElapsedTime(started) < TimeSpan.FromSeconds(1))
            throw new WatchFailedException("closed_at_once", position, null, null);
        metrics.WatchRestarted(Resource, silent ? "silent" : "closed");
        _backoff.Reset();
        return position;
    }

    private void Apply(WatchEvent<T> e)
    {
        switch (e.Kind)
        {
            case WatchEventKind.Added or WatchEventKind.Modified:
                Store(e.Item, _listNumber);
                break;
            case WatchEventKind.Deleted:
                store.Remove(e.Item.Key);
                break;
            default:
                break;
        }
    }

    private void Store(ItemRead<T> item, long list)
    {
        if (item.Object is { } readable)
        {
            store.Upsert(readable, list);
            return;
        }

        // One object that does not fit the C# type (written by a newer version, say) must not blind the operator to all others. The last version that did fit stays.
        Log.Unreadable(logger, Resource, item.Key, item.Error ?? string.Empty);
        metrics.WatchRestarted(Resource, "unreadable_object");
        store.Touch(item.Key, list);
    }

    private static WatchFailedException Failure(V1Status? status, string position)
    {
        var cause = new InvalidOperationException($"{status?.Code} {status?.Reason}: {status?.Message}");
        if (status?.Code == (int)HttpStatusCode.Gone || status?.Reason is "Expired" or "Gone")
            return new("expired", null, TimeSpan.Zero, cause);
        TimeSpan? retryAfter = status?.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null;
        return new("error_event", position, retryAfter, cause);
    }

    private async Task PauseAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop ends by itself.
        }
    }

    private void Sign() => Volatile.Write(ref _lastSign, Math.Max(1, _time.GetTimestamp()));
}
