using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>
/// A controller at work: changes become keys in a queue, and while this instance leads, workers take them out. The queue outlives leaderships, so what changed while
/// another instance led is known; at the start of each leadership every entity is queued, because the other may have stopped anywhere.
/// </summary>
internal sealed class ControllerPipeline<TEntity> : IControllerPipeline, IEntityKeyQueue<TEntity>, ILivenessProbe, IDisposable
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly string Kind = EntityMetadata.Of<TEntity>().Kind;

    private readonly IResourceCache<TEntity> _cache;
    private readonly Reconciler<TEntity> _reconciler;
    private readonly OperatorSettings _settings;
    private readonly OperatorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkQueue<ObjectKey> _queue;
    private readonly ConcurrentDictionary<ObjectKey, long> _running = new();
    private readonly List<IDisposable> _subscriptions = [];
    private readonly IReadOnlyList<IKeySource<TEntity>> _sources;

    public ControllerPipeline(
        IResourceCache<TEntity> cache,
        Reconciler<TEntity> reconciler,
        IEnumerable<IKeySource<TEntity>> sources,
        OperatorSettings settings,
        OperatorMetrics metrics,
        TimeProvider time,
        ILogger<ControllerPipeline<TEntity>> logger)
    {
        (_cache, _reconciler, _settings, _metrics, _time, _logger) = (cache, reconciler, settings, metrics, time, logger);
        _sources = [.. sources];
        _queue = new(time, settings.MinRetryDelay, settings.MaxRetryDelay, new QueueMetrics(metrics, Kind));
        metrics.ObserveQueue(Kind, () => _queue.State);
    }

    public string Name => $"workers of {Kind}";

    public bool IsAlive => _running.Values.All(started => _time.GetElapsedTime(started) < _settings.StuckAfter);

    public IEnumerable<ILivenessProbe> Probes => [this];

    public bool Enqueue(ObjectKey key, TimeSpan delay = default) => _queue.AddAfter(key, delay);

    public void Connect()
    {
        _subscriptions.Add(_cache.Subscribe(OnChange));
        foreach (var source in _sources)
            _subscriptions.Add(source.Connect(key => _queue.Add(key)));
    }

    public async Task RunAsync(CancellationToken leadership, CancellationToken stopping)
    {
        // Children that are not there yet would look deleted.
        await _cache.WaitForSyncAsync(leadership).ConfigureAwait(false);
        foreach (var source in _sources)
            await source.WaitForSyncAsync(leadership).ConfigureAwait(false);
        Log.WorkersStart(_logger, Kind);
        foreach (var entity in _cache.List())
            _queue.Add(ObjectKey.Of(entity));
        using var taking = CancellationTokenSource.CreateLinkedTokenSource(leadership, stopping);
        await Task.WhenAll(Enumerable.Range(0, _settings.MaxParallelReconciliations)
            .Select(_ => Task.Run(() => WorkAsync(taking.Token, leadership), CancellationToken.None))).ConfigureAwait(false);
        Log.WorkersStopped(_logger, Kind, _running.Count);
    }

    public void Dispose()
    {
        _subscriptions.ForEach(s => s.Dispose());
        _queue.Dispose();
    }

    private void OnChange(ResourceChange<TEntity> change)
    {
        if (change.Type == ReconciliationType.Deleted)
            _reconciler.NoteDeleted(change.Old!);
        if (change is not { Old: { } old, New: { } now } || _settings.ReconcileStrategy == ReconcileStrategy.ByResourceVersion || Matters(old.Metadata, now.Metadata))
            _queue.Add(ObjectKey.Of(change.Current));
    }

    /// <summary>Whether a change is more than a status: kinds without a generation (Pods, ConfigMaps) always matter.</summary>
    private static bool Matters(V1ObjectMeta old, V1ObjectMeta now)
        => now.Generation is null || old.Generation != now.Generation || old.DeletionTimestamp != now.DeletionTimestamp
        || !Same(old.Labels, now.Labels) || !Same(old.Annotations, now.Annotations)
        || !(old.Finalizers ?? []).SequenceEqual(now.Finalizers ?? []);

    private static bool Same(IDictionary<string, string>? a, IDictionary<string, string>? b)
        => (a?.Count ?? 0) == (b?.Count ?? 0) && (a is null || a.All(p => b!.TryGetValue(p.Key, out var value) && value == p.Value));

    private async Task WorkAsync(CancellationToken taking, CancellationToken leadership)
    {
        while (!taking.IsCancellationRequested)
        {
            ObjectKey? taken;
            try
            {
                taken = await _queue.TakeAsync(taking).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (taken is not { } key)
                return;
            _running[key] = _time.GetTimestamp();
            try
            {
                // Not under "taking": SIGTERM lets a running reconciliation finish, a lost leadership does not.
                await ReconcileAsync(key, leadership).ConfigureAwait(false);
            }
            finally
            {
                _running.TryRemove(key, out _);
                _queue.Done(key);
            }
        }
    }

    private async Task ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var running = _metrics.Running(Kind);
        try
        {
            var result = await _reconciler.ReconcileAsync(key, cancellationToken).ConfigureAwait(false);
            if (result is { IsSuccess: false })
            {
                Failed(key, started, "failure", result.ErrorMessage, result.Error, result.RequeueAfter);
                return;
            }

            _queue.Forget(key);
            if (result?.RequeueAfter is { } after)
                _queue.AddAfter(key, after);
            Finished(key, started, "success");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Kept for the next leadership.
            _queue.Add(key);
            Finished(key, started, "cancelled");
        }
        catch (ApiConflictException e)
        {
            Log.ReconcileConflicted(_logger, Kind, key, e.Message);
            _queue.Retry(key);
            Finished(key, started, "conflict");
        }
#pragma warning disable CA1031 // Whatever a controller throws concerns this key alone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Failed(key, started, "failure", e.Message, e, (e as ApiException)?.RetryAfter);
        }
    }

    private void Failed(ObjectKey key, long started, string outcome, string message, Exception? error, TimeSpan? delay)
    {
        var (failures, chosen) = _queue.Retry(key, delay);
        Log.ReconcileFailed(_logger, Kind, key, failures, chosen, message, error);
        Finished(key, started, outcome);
    }

    private void Finished(ObjectKey key, long started, string outcome)
    {
        var duration = _time.GetElapsedTime(started);
        _metrics.Reconciled(Kind, outcome, duration);
        Log.Reconciled(_logger, Kind, key, duration.TotalMilliseconds);
    }
}
