using k8s;
using k8s.Models;

namespace RedisTopology.Operator.Cluster;

/// <summary>The kind of <c>policy/v1beta1</c>, which Kubernetes before 1.21 serves instead of <c>policy/v1</c>. The fields used are the same.</summary>
[KubernetesEntity(Group = "policy", ApiVersion = "v1beta1", Kind = "PodDisruptionBudget", PluralName = "poddisruptionbudgets")]
internal sealed class DisruptionBudgetV1Beta1 : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "policy/v1beta1";

    public string Kind { get; set; } = "PodDisruptionBudget";

    public V1ObjectMeta Metadata { get; set; } = new();
}
