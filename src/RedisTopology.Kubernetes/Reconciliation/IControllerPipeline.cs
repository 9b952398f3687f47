namespace RedisTopology.Kubernetes;

/// <summary>A controller as the host sees it.</summary>
internal interface IControllerPipeline
{
    string Name { get; }

    IEnumerable<ILivenessProbe> Probes { get; }

    /// <summary>Starts to hear of changes. Before the caches run, so that nothing is missed.</summary>
    void Connect();

    /// <summary>Works until told to end.</summary>
    /// <param name="leadership">Cancels running reconciliations as well.</param>
    /// <param name="stopping">Only stops taking new ones.</param>
    Task RunAsync(CancellationToken leadership, CancellationToken stopping);
}
