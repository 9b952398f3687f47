using RedisTopology.Demo.Keys;
using RedisTopology.Testing;

namespace RedisTopology.Demo.Clusters;

/// <summary>Where the show takes place.</summary>
internal interface IDemoCluster : IAsyncDisposable
{
    /// <summary>The Kubernetes API.</summary>
    ControlPlane Plane { get; }

    /// <summary>The namespace of the sample.</summary>
    string Namespace { get; }

    /// <summary>kubectl for it; null when there is none on this machine.</summary>
    Kubectl? Kubectl { get; }

    /// <summary>Makes sure that an operator is at work. Called once the CRD is there.</summary>
    Task StartOperatorAsync(CancellationToken cancel);

    /// <summary>A cluster-aware client, once the cluster is ready.</summary>
    Task<IKeys> OpenKeysAsync(string cluster, CancellationToken cancel);

    /// <summary>Kills the server of a pod without warning.</summary>
    /// <returns>What was done, in words.</returns>
    Task<string> KillAsync(string pod, CancellationToken cancel);
}
