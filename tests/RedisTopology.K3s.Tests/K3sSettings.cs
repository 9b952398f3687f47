using System.Security.Cryptography;
using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.K3s.Tests;

/// <summary>What is taken from the environment. An empty variable counts as absent.</summary>
internal static class K3sSettings
{
    /// <summary><c>K3S_IMAGE</c>: the image of the node.</summary>
    public static string NodeImage { get; } = Value("K3S_IMAGE") ?? "rancher/k3s:v1.36.2-k3s1";

    /// <summary><c>REDIS_TOPOLOGY_K3S_KUBECONFIG</c>: a cluster that is there already and has the images, in place of a node in a container.</summary>
    public static string? Kubeconfig { get; } = Value("REDIS_TOPOLOGY_K3S_KUBECONFIG");

    /// <summary><c>OPERATOR_IMAGE</c>; as <c>make images</c> names it by default.</summary>
    public static string OperatorImage { get; } = Value("OPERATOR_IMAGE") ?? $"redis-topology-operator:{Version}";

    /// <summary><c>SIDECAR_IMAGE</c>; as <c>make images</c> names it by default.</summary>
    public static string SidecarImage { get; } = Value("SIDECAR_IMAGE") ?? $"redis-topology-sidecar:{Version}";

    /// <summary><c>REDIS_IMAGE</c>: of the servers, and of the app that stands for all apps.</summary>
    public static string RedisImage { get; } = Value("REDIS_IMAGE") ?? "redis:7.2";

    /// <summary><c>REDIS_UPGRADE_IMAGE</c>: a newer one, for an upgrade; that is left out when absent.</summary>
    public static string? RedisUpgradeImage { get; } = Value("REDIS_UPGRADE_IMAGE");

    /// <summary><c>REDIS_TOPOLOGY_K3S_REQUIRED=1</c>: what is missing is a failure, not a reason to skip.</summary>
    public static bool Required { get; } = Value("REDIS_TOPOLOGY_K3S_REQUIRED") is "1" or "true";

    /// <summary>
    /// The name of an image in the node. An archive does not keep a digest as a name, and of <c>latest</c> Kubernetes asks the registry again: such images get another tag.
    /// </summary>
    public static string InNode(string image)
    {
        var name = image.Split('@')[0];
        var tagged = name.LastIndexOf(':') > name.LastIndexOf('/');
        if (Kubeconfig is not null || (name == image && tagged && !name.EndsWith(":latest", StringComparison.Ordinal)))
            return image;
        return $"{(tagged ? name[..name.LastIndexOf(':')] : name)}:in-node-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)))[..8]}";
    }

    private static string Version => System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").First().Value;

    private static string? Value(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
