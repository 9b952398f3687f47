namespace RedisTopology.K3s.Tests.Clusters;

/// <summary>A cluster that was chosen explicitly. It stays.</summary>
internal sealed record ExistingCluster(string Kubeconfig) : IKubernetesCluster
{
    public Task<string> DescribeAsync() => Task.FromResult("");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
