using Prometheus;

namespace RedisTopology.Kubernetes;

/// <summary>The runtime's own metrics.</summary>
internal sealed class OperatorMetrics
{
    private static readonly double[] Durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly Histogram _reconcileSeconds;
    private readonly Counter _reconciles;
    private readonly Counter _queueAdds;
    private readonly Counter _queueRetries;
    private readonly Histogram _queueSeconds;
    private readonly Gauge _queueDepth;
    private readonly Gauge _queueOldest;
    private readonly Gauge _workers;
    private readonly Counter _watchRestarts;
    private readonly Gauge _cacheObjects;
    private readonly Counter _apiRequests;
    private readonly Histogram _apiSeconds;
    private readonly Gauge _leader;
    private readonly Counter _events;
    private readonly List<Action> _collectors = [];

    public OperatorMetrics(CollectorRegistry registry, OperatorSettings settings)
    {
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        string N(string name) => settings.MetricsPrefix + name;
        HistogramConfiguration Buckets() => new() { Buckets = Durations };
        _reconcileSeconds = factory.CreateHistogram(N("reconcile_duration_seconds"), "Duration of reconciliations.", ["controller"], Buckets());
        _reconciles = factory.CreateCounter(N("reconcile_total"), "Reconciliations by outcome: success, failure, conflict, cancelled.", ["controller", "outcome"]);
        _queueAdds = factory.CreateCounter(N("queue_adds_total"), "Keys put into the work queue.", ["controller"]);
        _queueRetries = factory.CreateCounter(N("queue_retries_total"), "Keys put back after a failure.", ["controller"]);
        _queueSeconds = factory.CreateHistogram(N("queue_wait_seconds"), "How long keys waited for a worker.", ["controller"], Buckets());
        _queueDepth = factory.CreateGauge(N("queue_depth"), "Keys waiting for a worker.", ["controller"]);
        _queueOldest = factory.CreateGauge(N("queue_oldest_seconds"), "Age of the key that has waited longest for a worker.", ["controller"]);
        _workers = factory.CreateGauge(N("reconciles_running"), "Reconciliations that are running.", ["controller"]);
        _watchRestarts = factory.CreateCounter(N("watch_restarts_total"), "Watches that ended, by reason.", ["resource", "reason"]);
        _cacheObjects = factory.CreateGauge(N("cache_objects"), "Objects held in caches.", ["resource"]);
        _apiRequests = factory.CreateCounter(N("api_requests_total"), "Requests to the Kubernetes API.", ["verb", "resource", "code"]);
        _apiSeconds = factory.CreateHistogram(N("api_request_duration_seconds"), "Time to the response headers of requests to the Kubernetes API.", ["verb", "resource"], Buckets());
        _leader = factory.CreateGauge(N("leader"), "1 while this instance leads.");
        _events = factory.CreateCounter(N("events_total"), "Kubernetes events by outcome: published, failed, dropped.", ["outcome"]);
        registry.AddBeforeCollectCallback(() =>
        {
            lock (_collectors)
                _collectors.ForEach(c => c());
        });
    }

    public void ObserveCache(string resource, Func<int> count) => OnCollect(() => _cacheObjects.WithLabels(resource).Set(count()));

    public void ObserveQueue(string controller, Func<(int Depth, TimeSpan Oldest)> state) => OnCollect(() =>
    {
        var (depth, oldest) = state();
        _queueDepth.WithLabels(controller).Set(depth);
        _queueOldest.WithLabels(controller).Set(oldest.TotalSeconds);
    });

    public void Reconciled(string controller, string outcome, TimeSpan duration)
    {
        _reconcileSeconds.WithLabels(controller).Observe(duration.TotalSeconds);
        _reconciles.WithLabels(controller, outcome).Inc();
    }

    public IDisposable Running(string controller) => _workers.WithLabels(controller).TrackInProgress();

    public void QueueAdded(string controller)
    {
        _queueAdds.WithLabels(controller).Inc();
        // Begins with 0: the increase of a series that begins with its first event is not seen.
        _queueRetries.WithLabels(controller);
    }

    public void QueueRetried(string controller) => _queueRetries.WithLabels(controller).Inc();

    public void QueueWaited(string controller, TimeSpan wait) => _queueSeconds.WithLabels(controller).Observe(wait.TotalSeconds);

    public void WatchRestarted(string resource, string reason) => _watchRestarts.WithLabels(resource, reason).Inc();

    public void ApiRequest(string verb, string resource, string code, TimeSpan duration)
    {
        _apiRequests.WithLabels(verb, resource, code).Inc();
        _apiSeconds.WithLabels(verb, resource).Observe(duration.TotalSeconds);
    }

    public void Leading(bool leads) => _leader.Set(leads ? 1 : 0);

    public void Event(string outcome) => _events.WithLabels(outcome).Inc();

    private void OnCollect(Action collector)
    {
        lock (_collectors)
            _collectors.Add(collector);
    }
}
