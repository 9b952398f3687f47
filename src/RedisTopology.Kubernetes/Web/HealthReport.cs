namespace RedisTopology.Kubernetes;

/// <summary>
/// What the two probes answer. Alive means that every loop still turns: a process that is not is best restarted. Ready means that the caches have caught up:
/// leader and standby alike, for both would act correctly if called upon. Not leading is no fault, and neither is an API server that is down.
/// </summary>
internal sealed class HealthReport(IEnumerable<IBackgroundLoop> loops, IEnumerable<IControllerPipeline> pipelines)
{
    public IReadOnlyList<string> NotAlive()
        => [.. loops.SelectMany(l => l.Probes).Concat(pipelines.SelectMany(p => p.Probes)).Where(p => !p.IsAlive).Select(p => p.Name)];

    public IReadOnlyList<string> NotReady() => [.. loops.Where(l => !l.HasSynced).Select(l => l.Name)];
}
