using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>Pods are made from templates, and resized in place where that works.</summary>
internal sealed partial class SimKubernetes
{
    private readonly HashSet<string> _spared = [];
    private int _uids;

    /// <summary>The pod templates of the StatefulSets; with <c>OnDelete</c> a change reaches no pod that exists.</summary>
    public Dictionary<string, SimTemplate> Templates { get; } = [];

    /// <summary>Orders a resize in place.</summary>
    public bool Resize(string name, string uid, long memory)
    {
        if (cluster.InPlace == 0 || !Pods.TryGetValue(name, out var pod) || $"{pod.Uid}" != uid)
            return false;
        pod.ResizeTo = memory;
        pod.ResizeAt = world.Now + world.Random.Next(4);
        pod.Infeasible = cluster.InPlace == 2 && world.Random.Next(2) == 0;
        return true;
    }

    /// <summary>The operator deletes a pod, if it is still the one it means.</summary>
    public bool Replace(string name, string uid)
    {
        if (!Pods.TryGetValue(name, out var pod) || $"{pod.Uid}" != uid || pod.Terminating)
            return false;
        if (pod.ContainerRuns)
            _spared.Add(name);
        Delete(pod);
        return true;
    }

    /// <summary>The pods wanted of a shard that the operator took down and that do not serve again yet.</summary>
    public IEnumerable<string> TakenDown(string shard)
    {
        _spared.RemoveWhere(name => Pods.TryGetValue(name, out var pod) && !pod.Terminating && pod.Server is { Running: true } server && (server.Claims != 0 || server.LinkUp));
        return _spared.Where(n => Pods.TryGetValue(n, out var pod) && pod.Identity.Shard == shard && pod.Identity.Ordinal < cluster.ShardOf(shard).Pods);
    }

    private SimPod Create(PodIdentity identity) => new(identity, ++_uids, Templates[identity.Shard], world.Now + world.Random.Next(3)) { Generation = _generations.GetValueOrDefault(identity.Shard) };

    private bool Starts(SimPod pod)
    {
        pod.Unschedulable = cluster.Lacks && pod.Server is null && pod.Identity.Ordinal >= cluster.ShardOf(pod.Identity.Shard).Pods;
        pod.Hangs = pod.Template.Start == SimStart.Silence;
        return pod is { Unschedulable: false, Template.Start: SimStart.Server };
    }

    private void ApplySize(SimPod pod)
    {
        if (pod.ResizeTo == 0 || pod.Infeasible || world.Now < pod.ResizeAt)
            return;
        if (pod.Memory != pod.ResizeTo)
            Invariants.Resized(pod);
        pod.Memory = pod.ResizeTo;
    }

    private PodSnapshot Snapshot(SimPod pod) => new(pod.Identity, pod.Address, pod.Label, pod.Terminating || IsOrphan(pod), pod.ContainerRuns || pod.Hangs)
    {
        Uid = pod.Uid,
        Template = pod.Template,
        Memory = pod.Memory,
        ResizeTo = pod.ResizeTo,
        Infeasible = pod.Infeasible,
        Ready = pod.ContainerRuns,
        Unschedulable = pod.Unschedulable,
    };
}
