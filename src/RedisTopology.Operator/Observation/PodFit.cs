using System.Numerics;
using System.Text.Json;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Observation;

/// <summary>How a pod stands to what the spec asks of it: what it was made with, and its resources.</summary>
internal static class PodFit
{
    private static readonly BigInteger Nano = 1_000_000_000;

    /// <summary>Why a pod must be replaced.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="definition">The cluster.</param>
    /// <returns>A predicate, or null.</returns>
    public static string? Outdated(PodView pod, ClusterDefinition definition)
    {
        var startedWith = pod.Metadata.Annotations?.TryGetValue(Labels.StartedWith, out var value) == true ? value : null;
        return StartSettings.Outdated(startedWith, Spec(pod)?.Image, definition);
    }

    /// <summary>Whether the resources asked for the pod are other than those of the spec.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="wanted">The resources wanted.</param>
    /// <returns>True when they are.</returns>
    public static bool Differs(PodView pod, PodView.ResourcesView wanted) =>
        Spec(pod) is { } container && (Differs(container.Resources?.Requests, wanted.Requests) || Differs(container.Resources?.Limits, wanted.Limits));

    /// <summary>How a pod's resources stand to those wanted.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="wanted">The resources wanted.</param>
    /// <param name="served">Whether the API server serves resizes in place; null when it could not be asked: then it is waited for.</param>
    /// <param name="refused">The API server refused to resize this pod so.</param>
    /// <returns>The answer.</returns>
    public static PodSize Size(PodView pod, PodView.ResourcesView wanted, bool? served, bool refused)
    {
        if (Differs(pod, wanted))
            return served is null ? PodSize.Resizing : served.Value && !refused ? PodSize.Differs : PodSize.CannotResize;

        // Infeasible: never on this node. Deferred: not now, and nobody knows when.
        if (Condition(pod, "PodResizePending"))
            return PodSize.CannotResize;

        // The processor share is only known to be there when the node says that it is done: what it reports is rounded to what the kernel can be told.
        var reached = Running(pod)?.Resources is not { } running || !Differs(running.Limits, wanted.Limits);
        return reached && !Condition(pod, "PodResizeInProgress") ? PodSize.Fits : PodSize.Resizing;
    }

    /// <summary>The memory limit a pod's container runs with, bytes; 0 when not known. What was asked for counts only where the node does not say what it has done.</summary>
    /// <param name="pod">The pod.</param>
    /// <returns>The limit.</returns>
    public static long Memory(PodView pod)
    {
        var limits = Running(pod)?.Resources?.Limits ?? Spec(pod)?.Resources?.Limits;
        return limits is not null && limits.TryGetValue("memory", out var text) && Quantity.TryParse(text, out var nanos) && nanos / Nano <= long.MaxValue ? (long)(nanos / Nano) : 0;
    }

    /// <summary>The resources a spec asks for, in the form pods have them.</summary>
    /// <param name="definition">The cluster.</param>
    /// <returns>The resources.</returns>
    public static PodView.ResourcesView Wanted(ClusterDefinition definition) =>
        JsonSerializer.SerializeToNode(StatefulSetManifest.Resources(definition.Spec.Size), ApiJson.Options).Deserialize<PodView.ResourcesView>(ApiJson.Options)!;

    /// <summary>The resources as one text, to remember them by.</summary>
    /// <param name="resources">The resources.</param>
    /// <returns>The text.</returns>
    public static string Text(PodView.ResourcesView resources) => JsonSerializer.Serialize(resources);

    private static PodView.ContainerSpecView? Spec(PodView pod) => pod.Spec?.Containers?.FirstOrDefault(c => c.Name == StatefulSetManifest.Container);

    private static PodView.ContainerView? Running(PodView pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault(c => c is { Name: StatefulSetManifest.Container, State.Running: not null });

    private static bool Condition(PodView pod, string type) => pod.Status?.Conditions?.Any(c => c.Type == type && c.Status == "True") == true;

    // Admission may have added resources of its own; those are not looked at.
    private static bool Differs(IDictionary<string, string>? has, IDictionary<string, string>? wanted) =>
        wanted?.Any(w => has is null || !has.TryGetValue(w.Key, out var amount) || !Quantity.AreEqual(amount, w.Value)) == true;
}
