using System.Collections.Immutable;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The StatefulSet controller and the kubelets, as far as one cluster's pods notice them.</summary>
internal sealed partial class SimKubernetes(World world, SimCluster cluster)
{
    /// <summary>How long the preStop hook waits for a successor, ticks.</summary>
    private const int PreStopBound = 10;

    private readonly List<KubernetesSnapshot> _history = [];
    private readonly Dictionary<string, RedisServer> _volumes = [];

    /// <summary>How many more pods of a shard may be evicted. The controller that counts comes by once a tick and has not seen what was deleted since; the API server takes off each eviction at once.</summary>
    private readonly Dictionary<string, int> _budgets = [];
    private readonly Dictionary<string, int> _generations = [];
    private readonly Dictionary<string, List<PodIdentity>> _identities = [];

    /// <summary>The StatefulSets: pods asked for, by shard.</summary>
    public SortedDictionary<string, int> StatefulSets { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, SimPod> Pods { get; } = new(StringComparer.Ordinal);

    /// <summary>The servers of disks that pods have or will get back.</summary>
    public IEnumerable<RedisServer> Disks =>
        Pods.Values.Where(p => p.Server is not null).Select(p => p.Server!)
            .Concat(_volumes.Where(v => !Pods.ContainsKey(v.Key)).Select(v => v.Value));

    public void Tick()
    {
        foreach (var (shard, wanted) in StatefulSets)
        {
            for (var ordinal = 0; ordinal < wanted; ordinal++)
            {
                var identity = Identity(shard, ordinal);
                if (!Pods.ContainsKey(identity.Name))
                    Pods[identity.Name] = Create(identity);
            }
        }

        foreach (var pod in Pods.Values.ToArray())
        {
            ApplySize(pod);
            if (!pod.Terminating && IsDoomed(pod) && world.Random.Next(3) > 0)
                Drain(pod);
            if (pod.Terminating)
                Terminate(pod);
            else if (!pod.ContainerRuns && world.Now >= pod.StartAt && Starts(pod))
                Start(pod);
        }

        SeeWhoIsBack();
        foreach (var (shard, wanted) in StatefulSets)
            _budgets[shard] = 1 - wanted + Pods.Values.Count(p => p.Identity.Shard == shard && !p.Terminating && IsHealthy(p));
        if (_history.Count == 4)
            _history.RemoveAt(0);
        _history.Add(new KubernetesSnapshot(world.Now, Sets(), Templates, [.. Pods.Values.Select(Snapshot)]));
    }

    /// <summary>Makes a StatefulSet, unless there is one. Pods of a former one of the same name are not its pods: they are still to be deleted.</summary>
    public bool Apply(string shard, int pods)
    {
        if (!StatefulSets.TryAdd(shard, pods))
            return false;
        _generations[shard] = _generations.GetValueOrDefault(shard) + 1;
        return true;
    }

    public KubernetesSnapshot Cached(int lag) => _history[Math.Max(0, _history.Count - 1 - lag)];

    /// <summary>Deletes a pod; its preStop hook hands a master's role over when it can at once, and is given no time.</summary>
    public void Delete(SimPod pod, int stuck = 0)
    {
        if (pod.Terminating)
            return;
        pod.StopAt = world.Now + world.Random.Next(4);
        pod.GoneAt = pod.StopAt + stuck;
        if (pod.Server is { Running: true, Replica: false } master && HasToHandOver(master))
            Followers(master).FirstOrDefault()?.StartGracefulFailover();
    }

    /// <summary>A drain, unless the disruption budget forbids it.</summary>
    public bool Evict(SimPod pod)
    {
        if (pod.Terminating || pod.Server is null || !SpendsBudget(pod))
            return false;
        Drain(pod);
        return true;
    }

    /// <summary>The container dies and is started again in the same pod.</summary>
    public void Crash(SimPod pod, int downFor)
    {
        pod.Server?.Stop();
        pod.StartAt = world.Now + downFor;
    }

    /// <summary>The node under a pod restarts: its disk stays, its address does not.</summary>
    public void Reboot(SimPod pod, int downFor)
    {
        Crash(pod, downFor);
        if (pod.Address is not null)
            world.Network.Release(pod.Address);
        pod.Address = null;
    }

    /// <summary>Deletes a pod. Its preStop hook has a master hand over to the furthest replica and waits for that, and a second for the news, before the server is told to end.</summary>
    private void Drain(SimPod pod)
    {
        pod.StopAt = pod.StopBound = world.Now + PreStopBound;
        pod.GoneAt = pod.StopAt;
        pod.Drained = true;
        if (pod.Server is { } server)
            HandOver(server);
    }

    private bool SpendsBudget(SimPod pod)
    {
        if (_budgets.GetValueOrDefault(pod.Identity.Shard) is not (> 0 and var left))
            return false;
        _budgets[pod.Identity.Shard] = left - 1;
        return true;
    }

    public static bool IsHealthy(SimPod pod) => pod.Server is { Running: true, Loading: false } server && (server.Claims != 0 || server.LinkUp);

    /// <summary>The hook knows neither the spec nor the API: it may choose a pod that is to be removed, is being deleted, or is to be replaced where this one had been, and from there it is handed on.</summary>
    private void HandOver(RedisServer master)
    {
        if (!HasToHandOver(master) || Followers(master).MaxBy(s => s.Offset) is not { } heir)
            return;
        heir.StartGracefulFailover();
        if (heir.Pod.Ordinal >= cluster.ShardOf(heir.Pod.Shard).Pods || Pods[heir.Pod.Name].Terminating || (IsOutdated(heir) && !IsOutdated(master)))
            world.Invariants.AllowPromotion(cluster, heir.Pod.Shard);
    }

    /// <summary>Its pod is to be replaced.</summary>
    private bool IsOutdated(RedisServer server) => Pods[server.Pod.Name] is var pod
        && (pod.Template.Image != cluster.Template.Image || (pod.Memory != cluster.Template.Memory && (cluster.InPlace == 0 || pod.Infeasible)));

    /// <summary>The hook of a master without slots, also on their way, ends at once.</summary>
    private static bool HasToHandOver(RedisServer master) => master.Claims != 0 || master.HasMarks;

    private ImmutableArray<ObservedShard> Sets()
    {
        if (_history.Count > 0 && _history[^1].Shards is var last && last.Length == StatefulSets.Count && last.All(s => StatefulSets.TryGetValue(s.Name, out var pods) && s.Pods == pods))
            return last;
        return [.. StatefulSets.Select(s => new ObservedShard(s.Key, s.Value))];
    }

    private PodIdentity Identity(string shard, int ordinal)
    {
        if (!_identities.TryGetValue(shard, out var identities))
            _identities[shard] = identities = [];
        while (identities.Count <= ordinal)
            identities.Add(new PodIdentity($"{cluster.Name}-{shard}-{identities.Count}", shard, identities.Count));
        return identities[ordinal];
    }

    private IEnumerable<RedisServer> Followers(RedisServer master) =>
        Pods.Values.Select(p => p.Server).OfType<RedisServer>().Where(s => s is { Running: true, Replica: true, LinkUp: true } && s.MasterId == master.Id);

    private bool IsDoomed(SimPod pod) => IsOrphan(pod) || pod.Identity.Ordinal >= StatefulSets[pod.Identity.Shard];

    private bool IsOrphan(SimPod pod) => !StatefulSets.ContainsKey(pod.Identity.Shard) || pod.Generation != _generations.GetValueOrDefault(pod.Identity.Shard);

    private void Start(SimPod pod)
    {
        pod.Address ??= world.Network.Allocate();
        var disk = pod.Server ?? (cluster.PersistentVolumes ? _volumes.GetValueOrDefault(pod.Identity.Name) : null);
        var keepDataset = cluster.PersistsData;
        if (disk is null || !disk.MayReturn(keepDataset))
            disk = new RedisServer(world, cluster, pod.Identity);
        pod.Server = disk;
        // A container starts with the size its pod was last given.
        if (pod.ResizeTo != 0 && !pod.Infeasible)
            pod.Memory = pod.ResizeTo;
        if (cluster.PersistentVolumes)
            _volumes[pod.Identity.Name] = disk;
        disk.Configure(maxMemory: pod.Memory / 4 * 3, cluster.Policy);
        disk.Start(pod.Address, keepDataset, loading: keepDataset && world.Random.Next(4) == 0 ? 1 + world.Random.Next(3) : 0);
    }

    private void Terminate(SimPod pod)
    {
        // A replica's hook looks twice: one that was just told to take over becomes a master in between, and hands over in its turn.
        if (pod is { Drained: true, Server: { Replica: false } master } && HasToHandOver(master) && pod.StopAt <= world.Now + 1 && world.Now < pod.StopBound)
        {
            pod.GoneAt = pod.StopAt = pod.StopBound;
            HandOver(master);

            // Somebody handed over to one that was about to be removed, which the operator could not know.
            if (IsDoomed(pod))
                world.Invariants.AllowPromotion(cluster, pod.Identity.Shard);
        }
        else if (pod is { Drained: true, Server: { } server } && (server.Replica || !HasToHandOver(server)) && world.Now + 1 < pod.StopAt)
            pod.GoneAt = pod.StopAt = world.Now + 1;
        if (world.Now >= pod.StopAt)
            pod.Server?.Stop();
        if (world.Now < pod.GoneAt)
            return;
        if (pod.Address is not null)
            world.Network.Release(pod.Address);
        Pods.Remove(pod.Identity.Name);
    }
}
