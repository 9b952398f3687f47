namespace RedisTopology.K3s.Tests.Clusters;

/// <summary>A Kubernetes whose nodes have the images.</summary>
internal interface IKubernetesCluster : IAsyncDisposable
{
    /// <summary>A kubeconfig file with an administrator's credentials.</summary>
    string Kubeconfig { get; }
}
