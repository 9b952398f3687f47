using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>What the operator sees of templates and sizes, and what it does about them.</summary>
internal sealed partial class SimOperator
{
    /// <summary>How long an id that servers were told to forget counts as refused, ticks: a little longer than they do.</summary>
    private const int ForgetBan = 65;

    private ObservedPod Show(PodSnapshot pod, bool removed, RedisServer? server) => new()
    {
        Name = pod.Identity.Name,
        Shard = pod.Identity.Shard,
        Ordinal = pod.Identity.Ordinal,
        Uid = pod.Uid,
        Outdated = pod.Template.Image == cluster.Template.Image ? null : "runs another image",
        Memory = pod.ResizeTo == 0 ? pod.Memory : Math.Min(pod.Memory, pod.ResizeTo),
        Size = SizeOf(pod),
        Ready = pod.Ready,
        Healthy = pod.Healthy,
        Unschedulable = pod.Unschedulable,
        Address = pod.Address,
        RoleLabel = pod.Label,
        Terminating = pod.Terminating || removed || _deleted.Contains(pod.Uid),
        ConfirmedDown = server is null && !pod.ContainerRuns,
        Ended = server is null && Refuses(pod),
        SilentFor = server is null ? TimeSpan.FromSeconds(world.Now - _silentSince[pod.Identity.Name]) : TimeSpan.Zero,
        Drift = server?.Drift(cluster.Policy) ?? ImmutableSortedDictionary<string, string>.Empty,
        Forgotten = server is not null && _forgotten.TryGetValue(server.Id, out var at) && world.Now - at <= ForgetBan,
        Node = server?.Observe(),
    };

    /// <summary>The kernel of the pod answers for a process that is not there.</summary>
    private bool Refuses(PodSnapshot pod) => cluster.Kubernetes.Pods.TryGetValue(pod.Identity.Name, out var real) && real.Uid == pod.Uid && real.Address == pod.Address
        && real is { Address: not null, Server: { Running: false } ended } && ended.OperatorCutUntil <= world.Now;

    /// <summary>What a pod has, or what it is about to have when that is less.</summary>
    private static long Least(SimPod pod) => pod.ResizeTo == 0 ? pod.Memory : Math.Min(pod.Memory, pod.ResizeTo);

    private PodSize SizeOf(PodSnapshot pod)
    {
        if (pod.Memory == cluster.Template.Memory && (pod.ResizeTo == 0 || pod.ResizeTo == pod.Memory))
            return PodSize.Fits;
        if (cluster.InPlace == 0)
            return PodSize.CannotResize;
        return pod.ResizeTo != cluster.Template.Memory ? PodSize.Differs : pod.Infeasible ? PodSize.CannotResize : PodSize.Resizing;
    }

    private bool Change(PlanStep step)
    {
        switch (step)
        {
            case PlanStep.SetConfig set:
                // A resize that the cache does not show yet counts.
                if (Check(set.Node) is not { } server || (set.Values.TryGetValue("maxmemory", out var bytes) && long.Parse(bytes, CultureInfo.InvariantCulture) > Least(cluster.Kubernetes.Pods[set.Node.Pod])))
                    return false;
                server.Set(set.Values);
                Invariants.Allowed(cluster.Kubernetes.Pods[set.Node.Pod], server.MaxMemory);
                return true;
            case PlanStep.ResizePod resize:
                return cluster.Kubernetes.Resize(resize.Pod, resize.Uid, cluster.Template.Memory);
            case PlanStep.RestartPod restart:
                return Restart(restart);
            default:
                throw new SimulationException($"unknown step {step}");
        }
    }

    /// <summary>The last look before a pod goes: what became a master meanwhile stays, or what became as it should be, and what the cache does not show yet counts.</summary>
    private bool Restart(PlanStep.RestartPod restart)
    {
        if (!cluster.Kubernetes.Pods.TryGetValue(restart.Pod, out var pod) || pod.Uid != restart.Uid)
            return false;
        if (pod.Template.Image == cluster.Template.Image && pod.Memory == cluster.Template.Memory)
            return false;
        var server = Contact(pod.Address);
        if (restart.WhileDown && (server is not null || (pod.ContainerRuns && LastObserved.Pods.First(p => p.Name == restart.Pod).ConfirmedDown)))
            return false;
        if (restart.WhileUnready && SimKubernetes.IsHealthy(pod))
            return false;
        if (server is { Claims: not 0 } && !restart.WhileMaster)
            return false;
        if (server is not null && cluster.Kubernetes.Pods.Values.Any(p => p != pod && p.Identity.Shard == pod.Identity.Shard && p.Terminating))
            return false;
        world.Invariants.Restarting(cluster, pod, restart);
        if (!cluster.Kubernetes.Replace(pod, restart.WithinBudget))
            return false;
        _deleted.Add(pod.Uid);
        return true;
    }
}
