namespace RedisTopology.Kubernetes;

internal sealed class QueueMetrics(OperatorMetrics metrics, string controller) : IWorkQueueObserver
{
    public void Added() => metrics.QueueAdded(controller);

    public void Retried() => metrics.QueueRetried(controller);

    public void Waited(TimeSpan time) => metrics.QueueWaited(controller, time);
}
