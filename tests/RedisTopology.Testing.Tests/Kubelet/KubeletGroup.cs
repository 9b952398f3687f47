namespace RedisTopology.Testing.Tests.Kubelet;

[CollectionDefinition(Name)]
public sealed class KubeletGroup : ICollectionFixture<KubeletFixture>
{
    public const string Name = "kubelet";
}
