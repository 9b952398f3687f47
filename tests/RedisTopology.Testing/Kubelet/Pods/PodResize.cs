using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>The rules of in-place resize.</summary>
internal static class PodResize
{
    /// <summary>Whether requests or limits differ in amount.</summary>
    public static bool Differs(V1ResourceRequirements? a, V1ResourceRequirements? b) =>
        Changed(a?.Requests, b?.Requests).Concat(Changed(a?.Limits, b?.Limits)).Any();

    /// <summary>Whether a changed resource has resizePolicy RestartContainer.</summary>
    public static bool NeedsRestart(V1Container container, V1ResourceRequirements? before, V1ResourceRequirements? after)
    {
        var changed = Changed(before?.Requests, after?.Requests).Concat(Changed(before?.Limits, after?.Limits)).ToHashSet();
        return (container.ResizePolicy ?? []).Any(policy => policy.RestartPolicy == "RestartContainer" && changed.Contains(policy.ResourceName));
    }

    /// <summary>The PodResizePending condition of a refused resize; null when it is carried out.</summary>
    public static V1PodCondition? Refusal(ResizeAnswer answer, DateTime now) => answer == ResizeAnswer.Accept
        ? null
        : new V1PodCondition
        {
            Type = "PodResizePending",
            Status = "True",
            Reason = answer.ToString(),
            Message = answer == ResizeAnswer.Infeasible ? "Node didn't have enough capacity" : "Node didn't have enough resource",
            LastTransitionTime = now,
        };

    private static IEnumerable<string> Changed(IDictionary<string, ResourceQuantity>? a, IDictionary<string, ResourceQuantity>? b) =>
        (a?.Keys ?? []).Union(b?.Keys ?? []).Where(key => Amount(a, key) != Amount(b, key));

    private static decimal? Amount(IDictionary<string, ResourceQuantity>? map, string key) => map is not null && map.TryGetValue(key, out var value) ? value.ToDecimal() : null;
}
