namespace RedisTopology.K3s.Tests.Clusters;

/// <summary>A Kubernetes whose nodes have the images.</summary>
internal interface IKubernetesCluster : IAsyncDisposable
{
    /// <summary>A kubeconfig file with an administrator's credentials.</summary>
    string Kubeconfig { get; }

    /// <summary>What a person would look at after a failure, beyond what the API tells of the tests' own namespaces.</summary>
    Task<string> DescribeAsync();
}
