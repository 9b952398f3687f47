namespace RedisTopology.Kubernetes;

/// <summary>Something that runs from start to stop whether or not this instance leads: a cache.</summary>
internal interface IBackgroundLoop
{
    string Name { get; }

    /// <summary>Whether it has caught up with the server, for <c>/readyz</c>.</summary>
    bool HasSynced { get; }

    IEnumerable<ILivenessProbe> Probes { get; }

    Task WaitForSyncAsync(CancellationToken cancellationToken);

    Task RunAsync(CancellationToken cancellationToken);
}
