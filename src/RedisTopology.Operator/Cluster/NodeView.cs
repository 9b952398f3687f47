using k8s;
using k8s.Models;

namespace RedisTopology.Operator.Cluster;

/// <summary>What the operator reads of a Kubernetes node: whether it is ready.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Node", PluralName = "nodes")]
[EntityScope(EntityScope.Cluster)]
internal sealed class NodeView : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Node";

    public V1ObjectMeta Metadata { get; set; } = new();

    public NodeStatusView? Status { get; set; }

    public bool IsReady => Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    internal sealed class NodeStatusView
    {
        public IList<PodView.ConditionView>? Conditions { get; set; }
    }
}
