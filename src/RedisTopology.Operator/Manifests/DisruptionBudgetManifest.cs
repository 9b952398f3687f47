using k8s.Models;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>
/// One budget per shard. A budget over all masters, or over all pods, would let a drain take a master and its only replica at once.
/// </summary>
internal static class DisruptionBudgetManifest
{
    public static V1PodDisruptionBudget Build(ClusterDefinition definition, ResourceNames names, string shard) => new()
    {
        Metadata = ClusterManifests.Meta(definition, names.DisruptionBudget(shard), shard),
        Spec = new V1PodDisruptionBudgetSpec
        {
            MaxUnavailable = 1,
            Selector = new V1LabelSelector { MatchLabels = Labels.Selector(definition.Name, shard) },
        },
    };
}
