using System.Security.Cryptography;
using System.Text;
using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>From what runs to what the API shows.</summary>
internal static class PodStatusBuilder
{
    /// <summary>The status of a container.</summary>
    public static V1ContainerStatus Container(ContainerRunner runner) => new()
    {
        Name = runner.Name,
        Image = runner.Spec.Image,
        ImageID = runner.ContainerId is null ? "" : ImageId(runner.Spec.Image),
        ContainerID = runner.ContainerId,
        Ready = runner.Ready,
        Started = runner.Started,
        RestartCount = runner.RestartCount,
        State = runner.State,
        LastState = runner.LastState ?? new V1ContainerState(),
        Resources = runner.Resources,
        AllocatedResources = runner.Resources?.Requests,
    };

    /// <summary>An image's identity: stable per name.</summary>
    public static string ImageId(string image) => $"process://{image}@sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)))}";

    /// <summary>Pending, Running, Succeeded or Failed.</summary>
    public static string Phase(V1Pod pod, IReadOnlyList<V1ContainerStatus> init, IReadOnlyList<V1ContainerStatus> main, bool ended)
    {
        if (ended || (pod.Spec.RestartPolicy is "Never" or "OnFailure" && main.All(c => Done(c, pod.Spec.RestartPolicy))))
            return main.All(c => c.State.Terminated?.ExitCode == 0) ? "Succeeded" : "Failed";
        if (pod.Spec.RestartPolicy == "Never" && init.Any(c => c.State.Terminated is { ExitCode: not 0 }))
            return "Failed";
        return main.Any(c => c.State.Running is not null || c.State.Terminated is not null || c.LastState.Terminated is not null) ? "Running" : "Pending";
    }

    /// <summary>The four conditions kubelet owns, with transition times kept where the status is the same.</summary>
    public static List<V1PodCondition> Conditions(V1Pod pod, bool initialized, bool ready, string phase, IReadOnlyList<V1ContainerStatus> main, IEnumerable<V1PodCondition> before, DateTime now)
    {
        var unready = main.Where(c => !c.Ready).Select(c => c.Name).ToList();
        var message = unready.Count > 0 ? $"containers with unready status: [{string.Join(' ', unready)}]" : null;
        var reason = phase is "Succeeded" ? "PodCompleted" : phase is "Failed" ? "PodFailed" : "ContainersNotReady";
        var gates = (pod.Spec.ReadinessGates ?? []).All(gate => pod.Status?.Conditions?.Any(c => c.Type == gate.ConditionType && c.Status == "True") == true);
        V1PodCondition[] wanted =
        [
            new() { Type = "PodScheduled", Status = "True" },
            new() { Type = "Initialized", Status = Text(initialized), Reason = initialized ? null : "ContainersNotInitialized" },
            new() { Type = "ContainersReady", Status = Text(ready), Reason = ready ? null : reason, Message = ready ? null : message },
            new() { Type = "Ready", Status = Text(ready && gates), Reason = ready ? gates ? null : "ReadinessGatesNotReady" : reason, Message = ready ? null : message },
        ];
        foreach (var condition in wanted)
        {
            var old = before.FirstOrDefault(c => c.Type == condition.Type);
            condition.LastTransitionTime = old?.Status == condition.Status && old.LastTransitionTime is { } since ? since : now;
        }

        return [.. wanted];
    }

    private static bool Done(V1ContainerStatus status, string policy) => status.State.Terminated is { } end && (policy == "Never" || end.ExitCode == 0);

    private static string Text(bool value) => value ? "True" : "False";
}
