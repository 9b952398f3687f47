namespace RedisTopology.Kubernetes;

/// <summary>What a work queue tells its metrics.</summary>
internal interface IWorkQueueObserver
{
    static IWorkQueueObserver None { get; } = new Silent();

    void Added();

    void Retried();

    void Waited(TimeSpan time);

    private sealed class Silent : IWorkQueueObserver
    {
        public void Added()
        {
        }

        public void Retried()
        {
        }

        public void Waited(TimeSpan time)
        {
        }
    }
}
