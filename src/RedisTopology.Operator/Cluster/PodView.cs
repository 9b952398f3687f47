using k8s;
using k8s.Models;

namespace RedisTopology.Operator.Cluster;

/// <summary>What the operator reads of a pod: a slim view, because thousands of them are kept.</summary>
[KubernetesEntity(Group = "", ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
internal sealed class PodView : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "Pod";

    public V1ObjectMeta Metadata { get; set; } = new();

    public PodSpecView? Spec { get; set; }

    public PodStatusView? Status { get; set; }

    internal sealed class PodSpecView
    {
        public string? NodeName { get; set; }

        public IList<ContainerSpecView>? Containers { get; set; }
    }

    internal sealed class ContainerSpecView
    {
        public string? Name { get; set; }

        public string? Image { get; set; }

        public ResourcesView? Resources { get; set; }
    }

    /// <summary>Amounts as texts: they are compared, and a model of each would cost more than all the rest of the pod.</summary>
    internal sealed class ResourcesView
    {
        public IDictionary<string, string>? Requests { get; set; }

        public IDictionary<string, string>? Limits { get; set; }
    }

    internal sealed class PodStatusView
    {
        public string? Phase { get; set; }

        public string? PodIP { get; set; }

        public IList<ConditionView>? Conditions { get; set; }

        public IList<ContainerView>? ContainerStatuses { get; set; }
    }

    internal sealed class ConditionView
    {
        public string? Type { get; set; }

        public string? Status { get; set; }

        public string? Reason { get; set; }

        public string? Message { get; set; }
    }

    internal sealed class ContainerView
    {
        public string? Name { get; set; }

        public string? ContainerID { get; set; }

        public bool Ready { get; set; }

        public ContainerStateView? State { get; set; }

        /// <summary>How its run before this one ended.</summary>
        public ContainerStateView? LastState { get; set; }

        /// <summary>What the running container has; where the API serves it (in-place resize).</summary>
        public ResourcesView? Resources { get; set; }
    }

    internal sealed class ContainerStateView
    {
        public V1ContainerStateRunning? Running { get; set; }

        public ReasonView? Waiting { get; set; }

        public ReasonView? Terminated { get; set; }
    }

    internal sealed class ReasonView
    {
        public string? Reason { get; set; }

        public string? Message { get; set; }
    }
}
