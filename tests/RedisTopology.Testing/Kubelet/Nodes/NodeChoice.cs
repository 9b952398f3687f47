using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Nodes;

/// <summary>Where a pod goes: filters as the scheduler does, then the least crowded topology.</summary>
internal static class NodeChoice
{
    private const string HostName = "kubernetes.io/hostname";

    /// <summary>The greatest weight that an affinity may have; a soft constraint counts as much here.</summary>
    private const int MostWeight = 100;

    /// <summary>The best node, or null and why there is none.</summary>
    public static (V1Node? Node, string? Why) Pick(V1Pod pod, IReadOnlyCollection<V1Node> nodes, IReadOnlyCollection<V1Pod> placed)
    {
        var byName = nodes.ToDictionary(n => n.Name());
        var others = placed.Where(p => p.Spec.NodeName is not null && byName.ContainsKey(p.Spec.NodeName) && p.Namespace() == pod.Namespace() && p.Uid() != pod.Uid()).ToList();
        int Count(V1LabelSelector? selector, string key, string domain) =>
            domain is null ? 0 : others.Count(p => byName[p.Spec.NodeName].GetLabel(key) == domain && LabelMatch.Matches(selector, p.Labels()));

        var fit = nodes.Where(n => Selected(pod, n) && Tolerated(pod, n)).ToList();
        if (fit.Count == 0)
            return (null, $"0/{nodes.Count} nodes are available: node selector, taints or cordons.");

        foreach (var term in pod.Spec.Affinity?.PodAntiAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [])
            fit = fit.Where(n => Count(term.LabelSelector, term.TopologyKey, n.GetLabel(term.TopologyKey)) == 0).ToList();
        foreach (var term in pod.Spec.Affinity?.PodAffinity?.RequiredDuringSchedulingIgnoredDuringExecution ?? [])
            fit = fit.Where(n => Count(term.LabelSelector, term.TopologyKey, n.GetLabel(term.TopologyKey)) > 0 || LabelMatch.Matches(term.LabelSelector, pod.Labels())).ToList();
        foreach (var spread in (pod.Spec.TopologySpreadConstraints ?? []).Where(s => s.WhenUnsatisfiable == "DoNotSchedule"))
        {
            var domains = nodes.Where(n => Selected(pod, n)).Select(n => n.GetLabel(spread.TopologyKey)).Where(d => d is not null).Distinct().ToDictionary(d => d, d => Count(spread.LabelSelector, spread.TopologyKey, d));
            fit = fit.Where(n => n.GetLabel(spread.TopologyKey) is { } domain && domains[domain] + 1 - domains.Values.Min() <= spread.MaxSkew).ToList();
        }

        if (fit.Count == 0)
            return (null, $"0/{nodes.Count} nodes are available: pod topology spread constraints or anti-affinity.");

        // As the scheduler has it, a node that lacks the label of one soft constraint is left out of all of them.
        bool Scored(V1Node node) => (pod.Spec.TopologySpreadConstraints ?? []).Where(s => s.WhenUnsatisfiable == "ScheduleAnyway").All(s => node.GetLabel(s.TopologyKey) is not null);
        var chosen = fit
            .OrderByDescending(Scored)
            .ThenBy(n => (Scored(n) ? pod.Spec.TopologySpreadConstraints ?? [] : []).Sum(s => MostWeight * Count(s.LabelSelector, s.TopologyKey, n.GetLabel(s.TopologyKey)))
                + (pod.Spec.Affinity?.PodAntiAffinity?.PreferredDuringSchedulingIgnoredDuringExecution ?? []).Sum(t => t.Weight * Count(t.PodAffinityTerm.LabelSelector, t.PodAffinityTerm.TopologyKey, n.GetLabel(t.PodAffinityTerm.TopologyKey))))
            .ThenBy(n => Scored(n) ? others.Count(p => p.Spec.NodeName == n.Name() && SameOwner(p, pod)) : 0)
            .ThenBy(n => placed.Count(p => p.Spec.NodeName == n.Name()))
            .ThenBy(n => n.GetLabel(HostName), StringComparer.Ordinal)
            .First();
        return (chosen, null);
    }

    private static bool Selected(V1Pod pod, V1Node node) =>
        (pod.Spec.NodeSelector ?? new Dictionary<string, string>()).All(pair => node.GetLabel(pair.Key) == pair.Value)
        && (pod.Spec.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution is not { } required
            || required.NodeSelectorTerms.Any(term => (term.MatchExpressions ?? []).All(e => LabelMatch.Matches(e.Key, e.OperatorProperty, e.Values, node.Labels()))));

    // not-ready is set on every node at birth and taken away some seconds later; this scheduler asks the nodes themselves.
    private static bool Tolerated(V1Pod pod, V1Node node) =>
        (node.Spec?.Taints ?? [])
            .Where(taint => taint.Effect is "NoSchedule" or "NoExecute" && taint.Key != "node.kubernetes.io/not-ready")
            .All(taint => (pod.Spec.Tolerations ?? []).Any(t => (t.Key == taint.Key || string.IsNullOrEmpty(t.Key))
                && (string.IsNullOrEmpty(t.Effect) || t.Effect == taint.Effect)
                && (t.OperatorProperty == "Exists" || (t.Value ?? "") == (taint.Value ?? ""))));

    private static bool SameOwner(V1Pod a, V1Pod b) => a.Metadata.OwnerReferences?.FirstOrDefault()?.Uid is { } owner && owner == b.Metadata.OwnerReferences?.FirstOrDefault()?.Uid;
}
