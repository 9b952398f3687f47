using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Observation;

/// <summary>What Kubernetes says of a pod, in the planner's terms.</summary>
internal static class PodReader
{
    /// <summary>Reads a pod; what its server says is added later.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="identity">Which pod of the cluster it is.</param>
    /// <param name="nodeReady">Whether its Kubernetes node is ready; true when that is not known.</param>
    /// <param name="now">The time.</param>
    /// <returns>The pod, without a node.</returns>
    public static ObservedPod Read(PodView pod, PodIdentity identity, bool nodeReady, DateTimeOffset now)
    {
        var container = Container(pod);
        var terminating = pod.Metadata.DeletionTimestamp is not null;

        // The deletion timestamp already includes the grace period.
        var pastGrace = terminating && now > new DateTimeOffset(DateTime.SpecifyKind(pod.Metadata.DeletionTimestamp!.Value, DateTimeKind.Utc));
        return new ObservedPod
        {
            Name = identity.Name,
            Uid = pod.Metadata.Uid ?? "",
            Shard = identity.Shard,
            Ordinal = identity.Ordinal,
            Address = pod.Status?.PodIP is { Length: > 0 } address ? address : null,
            RoleLabel = Labels.RoleOf(pod.Metadata.Labels),
            Terminating = terminating,
            Ready = IsReady(pod),
            Healthy = IsHealthy(pod),
            OnLostNode = !nodeReady,
            Unschedulable = Unscheduled(pod) is not null,
            Starting = Unscheduled(pod) is null && IsStarting(container),
            ConfirmedDown = pastGrace || !nodeReady || container?.State?.Running is null,
            Ended = container?.State is { Terminated: not null } or { Waiting.Reason: "CrashLoopBackOff" },
            Trouble = Trouble(pod, container, nodeReady),
            Held = pastGrace ? Hold(pod) : null,
        };
    }

    /// <summary>An id that changes whenever the pod's server is started anew; null while it does not run.</summary>
    /// <param name="pod">The pod.</param>
    /// <returns>The container's id.</returns>
    public static string? RunningContainer(PodView pod) =>
        Container(pod) is { State.Running: not null } container ? container.ContainerID ?? "unknown" : null;

    /// <summary>Whether the kubelet finds its server ready.</summary>
    /// <param name="pod">The pod.</param>
    /// <returns>True when it does.</returns>
    public static bool IsReady(PodView pod) => Container(pod)?.Ready ?? false;

    /// <summary>Whether the pod is ready as a whole.</summary>
    /// <param name="pod">The pod.</param>
    /// <returns>True when it is.</returns>
    public static bool IsHealthy(PodView pod) => pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    private static PodView.ContainerView? Container(PodView pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == StatefulSetManifest.Container);

    private static bool IsStarting(PodView.ContainerView? container) => container?.State is null or { Running: null, Terminated: null, Waiting: null or { Reason: "ContainerCreating" or "PodInitializing" } };

    private static string? Trouble(PodView pod, PodView.ContainerView? container, bool nodeReady)
    {
        if (!nodeReady)
            return $"is on node {pod.Spec?.NodeName}, which is not ready";
        if (Unscheduled(pod) is { } unscheduled)
            return $"cannot be scheduled: {unscheduled.Message}";
        if (container?.State?.Waiting is { } waiting)
            return $"is not running: {Join(waiting.Reason, KubeletMessage.Shorten(waiting.Message ?? ""))}{(LastWords(container) is { } words ? $"; {words}" : "")}";
        if (container?.State?.Terminated is { } terminated)
            return $"has stopped: {Join(terminated.Reason, terminated.Message)}";
        return container?.State?.Running is null ? "has not started" : !container.Ready && LastWords(container) is { } before ? $"starts again: {before}" : null;
    }

    /// <summary>What the container's last run had to say of its end (see the entry script).</summary>
    private static string? LastWords(PodView.ContainerView container) => container.LastState?.Terminated?.Message is { Length: > 0 } message ? message.TrimEnd() : null;

    private static string Hold(PodView pod) => pod.Metadata.Finalizers is { Count: > 0 } finalizers
        ? $"is being deleted and kept by finalizers ({string.Join(", ", finalizers)}): its successor cannot be made until whoever set them removes them"
        : $"is being deleted and has outlived its grace, so the kubelet of node {pod.Spec?.NodeName} does not do its work: mend the node, or, when its machine is off for good, delete the pod with --force";

    private static PodView.ConditionView? Unscheduled(PodView pod) => pod.Status?.Conditions?.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" });

    private static string Join(string? reason, string? message) => message is { Length: > 0 } ? $"{reason}: {message}" : reason ?? "no reason given";
}
