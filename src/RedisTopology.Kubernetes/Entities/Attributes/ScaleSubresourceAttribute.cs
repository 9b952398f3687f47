namespace RedisTopology.Kubernetes;

/// <summary>Turns the scale subresource on, so that <c>kubectl scale</c> and autoscalers work.</summary>
/// <param name="specReplicasPath">Path of the wanted number.</param>
/// <param name="statusReplicasPath">Path of the observed number.</param>
/// <param name="labelSelectorPath">Path of the serialised selector; null for none.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ScaleSubresourceAttribute(string specReplicasPath, string statusReplicasPath, string? labelSelectorPath = null) : Attribute
{
    /// <summary>Path of the wanted number, such as <c>.spec.replicas</c>.</summary>
    public string SpecReplicasPath => specReplicasPath;

    /// <summary>Path of the observed number.</summary>
    public string StatusReplicasPath => statusReplicasPath;

    /// <summary>Path of the serialised selector that a HorizontalPodAutoscaler needs; null for none.</summary>
    public string? LabelSelectorPath => labelSelectorPath;
}
