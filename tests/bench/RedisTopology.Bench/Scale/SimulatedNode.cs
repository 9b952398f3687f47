using System.Security.Cryptography;
using System.Text;

namespace RedisTopology.Bench.Scale;

/// <summary>A server that is only acted: pod 0 of a shard is its master, from the first moment on.</summary>
internal sealed record SimulatedNode(string Namespace, string Cluster, string Shard, string Pod, string Address)
{
    public string ClusterKey { get; } = $"{Namespace}/{Cluster}";

    /// <summary>Its node id, made from its name.</summary>
    public string Id { get; } = IdOf($"{Namespace}/{Pod}");

    public bool IsMaster => Pod.EndsWith("-0", StringComparison.Ordinal);

    public string MasterPod => Pod[..Pod.LastIndexOf('-')] + "-0";

    public string MasterId => IdOf($"{Namespace}/{MasterPod}");

    /// <summary>The hostname that the entry script would announce.</summary>
    public string Hostname => $"{Pod}.{Cluster}-nodes.{Namespace}.svc";

    private static string IdOf(string name) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..40];
}
