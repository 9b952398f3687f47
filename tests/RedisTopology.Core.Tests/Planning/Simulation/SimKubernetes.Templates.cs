using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>Pods are made from templates, and resized in place where that works.</summary>
internal sealed partial class SimKubernetes
{
    private readonly HashSet<string> _spared = [];
    private readonly HashSet<(int Image, long Memory)> _proven = [];
    private int _uids;

    /// <summary>The pod templates of the StatefulSets; with <c>OnDelete</c> a change reaches no pod that exists.</summary>
    public ImmutableDictionary<string, SimTemplate> Templates { get; set; } = ImmutableDictionary<string, SimTemplate>.Empty;

    /// <summary>Orders a resize in place.</summary>
    public bool Resize(string name, string uid, long memory)
    {
        if (cluster.InPlace == 0 || !Pods.TryGetValue(name, out var pod) || pod.Uid != uid)
            return false;
        pod.ResizeTo = memory;
        pod.ResizeAt = world.Now + world.Random.Next(4);
        pod.Infeasible = cluster.InPlace == 2 && world.Random.Next(2) == 0;
        return true;
    }

    /// <summary>The operator deletes a pod; the budget counts that at once only where it is asked.</summary>
    public bool Replace(SimPod pod, bool withinBudget)
    {
        if (pod.Terminating || (withinBudget && !SpendsBudget(pod)))
            return false;
        if (pod.ContainerRuns)
            _spared.Add(pod.Identity.Name);
        Delete(pod);
        return true;
    }

    /// <summary>The pods wanted of a shard that the operator took down and that have not served again yet.</summary>
    public IEnumerable<string> TakenDown(string shard)
    {
        SeeWhoIsBack();
        return _spared.Where(n => Pods.TryGetValue(n, out var pod) && pod.Identity.Shard == shard && pod.Identity.Ordinal < cluster.ShardOf(shard).Pods);
    }

    /// <summary>
    /// The pods wanted of any shard that the operator took down and that have not served again yet, as long as none has served as the spec says. One of a former spec that runs by now
    /// need not be waited for.
    /// </summary>
    public IEnumerable<string> TriedFirst() => _proven.Contains((cluster.Template.Image, cluster.Template.Memory))
        ? []
        : cluster.Desired.Shards.SelectMany(s => TakenDown(s.Name)).Where(n => Pods[n] is var pod && (!pod.ContainerRuns || (pod.Template.Image, pod.Memory) == (cluster.Template.Image, cluster.Template.Memory)));

    /// <summary>Seen at every tick: a master that is back gives its slots away a moment later, and is back all the same.</summary>
    private void SeeWhoIsBack()
    {
        _spared.RemoveWhere(name => Pods.TryGetValue(name, out var pod) && !pod.Terminating && pod.Server is { Running: true } server && (server.Claims != 0 || server.LinkUp));
        _proven.UnionWith(Pods.Values.Where(IsHealthy).Select(p => (p.Template.Image, p.Memory)));
    }

    private SimPod Create(PodIdentity identity) => new(identity, string.Create(CultureInfo.InvariantCulture, $"{++_uids}"), Templates[identity.Shard], world.Now + world.Random.Next(3)) { Generation = _generations.GetValueOrDefault(identity.Shard) };

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

    /// <summary>The one before it when nothing has changed: most of the time nothing has.</summary>
    private PodSnapshot Snapshot(SimPod pod)
    {
        var terminating = pod.Terminating || IsOrphan(pod);
        var runs = pod.ContainerRuns || pod.Hangs;
        if (pod.Shown is { } shown && shown.Address == pod.Address && shown.Label == pod.Label && shown.Terminating == terminating && shown.ContainerRuns == runs && shown.Memory == pod.Memory
            && shown.ResizeTo == pod.ResizeTo && shown.Infeasible == pod.Infeasible && shown.Ready == pod.ContainerRuns && shown.Healthy == IsHealthy(pod) && shown.Unschedulable == pod.Unschedulable)
            return shown;
        return pod.Shown = new PodSnapshot(pod.Identity, pod.Address, pod.Label, terminating, runs)
        {
            Uid = pod.Uid,
            Template = pod.Template,
            Memory = pod.Memory,
            ResizeTo = pod.ResizeTo,
            Infeasible = pod.Infeasible,
            Ready = pod.ContainerRuns,
            Healthy = IsHealthy(pod),
            Unschedulable = pod.Unschedulable,
        };
    }
}
