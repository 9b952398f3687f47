using k8s;
using k8s.Models;

namespace RedisTopology.Operator.Cluster;

/// <summary>The kind by which cert-manager is asked for a certificate.</summary>
[KubernetesEntity(Group = GroupName, ApiVersion = VersionName, Kind = "Certificate", PluralName = Plural)]
internal sealed class CertManagerCertificate : IKubernetesObject<V1ObjectMeta>
{
    public const string GroupName = "cert-manager.io";
    public const string VersionName = "v1";
    public const string Plural = "certificates";

    public string ApiVersion { get; set; } = GroupName + "/" + VersionName;

    public string Kind { get; set; } = "Certificate";

    public V1ObjectMeta Metadata { get; set; } = new();
}
