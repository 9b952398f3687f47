using k8s;
using k8s.Models;

namespace RedisTopology.Operator.Cluster;

/// <summary>What the operator reads of the claim of a volume.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "PersistentVolumeClaim", PluralName = "persistentvolumeclaims")]
internal sealed class ClaimView : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "PersistentVolumeClaim";

    public V1ObjectMeta Metadata { get; set; } = new();

    public ClaimSpecView? Spec { get; set; }

    public ClaimStatusView? Status { get; set; }

    internal sealed class ClaimSpecView
    {
        public string? StorageClassName { get; set; }

        public PodView.ResourcesView? Resources { get; set; }
    }

    internal sealed class ClaimStatusView
    {
        public string? Phase { get; set; }
    }
}
