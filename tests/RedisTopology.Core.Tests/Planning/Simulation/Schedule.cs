using RedisTopology.Core.Planning;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>A random spec, a random course of edits and faults, then quiet, in which everything must become as the spec says and stay so.</summary>
internal sealed partial class Schedule(int seed, bool trace)
{
    /// <summary>Seconds of quiet within which every schedule must settle: election retries and bans of forgotten ids take their time.</summary>
    private const int ConvergenceBound = 240;

    private const int PatienceOfAPerson = 30;

    private readonly World _world = new(seed, trace);

    public IReadOnlyList<string> Trace => _world.TraceLines;

    public int Ticks => _world.Now;

    public Tally Events => _world.Events;

    public Tally Steps => _world.Steps;

    public void Run()
    {
        var random = _world.Random;
        if (trace)
        {
            foreach (var cluster in _world.Clusters)
                _world.Trace($"{cluster.Name}: {string.Join("; ", cluster.Desired.Shards.Select(s => $"{s.Name} {s.Slots} x{s.Pods}"))} persists={cluster.PersistsData} volumes={cluster.PersistentVolumes} lag={_world.CacheLag} planned={_world.Planned} rolls={_world.Rolls} inplace={cluster.InPlace} lacks={cluster.Lacks}");
        }

        // Half of the time the faults begin only once the cluster is formed.
        if (_world.Planned || random.Next(2) == 0)
            Settle();
        _world.Faulty = true;
        var until = _world.Now + (_world.Small ? 4 + random.Next(16) : 5 + random.Next(40));
        while (_world.Now < until)
        {
            if (random.Next(_world.Small ? 3 : 4) == 0)
                Happen(_world.Clusters[random.Next(_world.Clusters.Count)]);
            _world.Tick();
        }

        foreach (var cluster in _world.Clusters)
            MakeWorkable(cluster);
        _world.Faulty = false;
        _world.OperatorCrashes = false;
        foreach (var server in _world.Clusters.SelectMany(c => c.Kubernetes.Pods.Values).Select(p => p.Server))
        {
            server?.PeerCutUntil = 0;
            server?.OperatorCutUntil = 0;
        }

        foreach (var cluster in _world.Clusters)
            cluster.BigSlots.Clear();
        Settle();
        StaysSettled(random.Next(_world.Small ? 24 : 8) == 0 ? 80 : _world.Small ? 4 : 10);
    }

    private void Happen(SimCluster cluster)
    {
        var random = _world.Random;
        if (_world.Rolls && random.Next(3) == 0)
        {
            EditTemplate(cluster);
            return;
        }

        if (random.Next(_world.Planned ? _world.Rolls ? 4 : 2 : 6) == 0)
        {
            EditShards(cluster);
            return;
        }

        if (random.Next(_world.Planned ? 3 : 12) == 0)
        {
            Evict(cluster);
            return;
        }

        if (_world.Planned || random.Next(4) == 0)
        {
            EditReplicas(cluster, random.Next(cluster.Desired.Shards.Length), random.Next(3));
            return;
        }

        var pods = cluster.Kubernetes.Pods.Values.ToArray();
        if (pods.Length == 0)
            return;
        var pod = pods[random.Next(pods.Length)];
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                _world.Trace($"CRASH {pod.Identity.Name}");
                _world.Events.Count("server killed");
                cluster.Kubernetes.Crash(pod, 1 + random.Next(12));
                break;
            case 3 or 4:
                _world.Trace($"DELETE {pod.Identity.Name}");
                _world.Events.Count("pod deleted");
                cluster.Kubernetes.Delete(pod, random.Next(3) == 0 ? random.Next(12) : 0);
                break;
            case 5:
                foreach (var one in pods.Where(_ => random.Next(3) == 0))
                {
                    _world.Trace($"REBOOT {one.Identity.Name}");
                    _world.Events.Count("pod moved to another address");
                    cluster.Kubernetes.Reboot(one, random.Next(6));
                }

                break;
            case 6:
                _world.Trace("REBOOT all");
                _world.Events.Count("everything restarted");
                foreach (var one in pods)
                    cluster.Kubernetes.Reboot(one, random.Next(6));
                break;
            case 7 or 8 or 9:
                var cut = _world.Now + 1 + random.Next(20);
                var who = random.Next(3);
                _world.Trace($"CUT {pod.Identity.Name} from {(who == 0 ? "peers" : who == 1 ? "operator" : "all")} until {cut}");
                _world.Events.Count(who == 0 ? "cut from the peers" : who == 1 ? "cut from the operator" : "cut from all");
                if (who != 1)
                    pod.Server?.PeerCutUntil = cut;
                if (who != 0)
                    pod.Server?.OperatorCutUntil = cut;
                break;
            case 10:
                _world.Trace("CRASH operator");
                _world.Events.Count("operator killed");
                cluster.Operator.Crash(1 + random.Next(10));
                break;
            case 11 when random.Next(4) == 0:
                _world.Trace($"DELETE StatefulSet {pod.Identity.Shard}");
                _world.Events.Count("StatefulSet deleted");
                cluster.Kubernetes.StatefulSets.Remove(pod.Identity.Shard);
                break;
        }
    }

    /// <summary>A drain of some pod; in a planned schedule of one that can be spared.</summary>
    private void Evict(SimCluster cluster)
    {
        var pods = cluster.Kubernetes.Pods.Values.ToArray();
        if (pods.Length == 0)
            return;
        var pod = pods[_world.Random.Next(pods.Length)];
        if ((_world.Planned && !CanBeSpared(cluster, pod)) || !cluster.Kubernetes.Evict(pod))
            return;
        _world.Trace($"EVICT {pod.Identity.Name}");
        _world.Events.Count("eviction");

        // One that has just been told to take over hands back when it has, and what it was to take over for is left to do.
        for (var handovers = pod.Server is { Replica: false } ? 1 : pod.Server!.FailoverUntil >= _world.Now ? 2 : 0; handovers > 0; handovers--)
            _world.Invariants.AllowPromotion(cluster, pod.Identity.Shard);
    }

    /// <summary>
    /// Whether a pod is not, and is not about to be, the only copy: what a person drains without a replica is lost on purpose, also in the moment in which the first replica is asked for and the
    /// disruption budget has not heard of it, or in which all others are about to be removed and it still counts them.
    /// </summary>
    private static bool CanBeSpared(SimCluster cluster, SimPod pod)
    {
        var name = pod.Identity.Shard;
        return cluster.Desired.Shards.FirstOrDefault(s => s.Name == name) is { Pods: > 1 }
            && cluster.Kubernetes.StatefulSets.GetValueOrDefault(name) is > 1 and var wanted
            && cluster.Kubernetes.Cached(0).Shards.FirstOrDefault(s => s.Name == name) is { Pods: > 1 }
            && cluster.Kubernetes.Pods.Values.Any(p => p != pod && p.Identity.Shard == name && p.Identity.Ordinal < wanted && !p.Terminating && SimKubernetes.IsHealthy(p));
    }

    private void EditReplicas(SimCluster cluster, int shard, int replicas)
    {
        var name = cluster.Desired.Shards[shard].Name;
        _world.Trace($"EDIT {cluster.Name} {name} replicas {replicas}");
        _world.Events.Count("edit of replicas");
        cluster.EditReplicas(shard, replicas);
        if (cluster.Servers.Any(s => s.Pod.Shard == name && !s.Replica && s.Pod.Ordinal > replicas))
            _world.Invariants.AllowPromotion(cluster, name);
    }

    private void EditShards(SimCluster cluster)
    {
        cluster.EditShards();
        _world.Events.Count("edit of shards");
        _world.Trace($"EDIT {cluster.Name} {cluster.Desired.Placement} {string.Join("; ", cluster.Desired.Shards.Select(s => $"{s.Name} {s.Slots} x{s.Pods}"))}");
        foreach (var shard in cluster.Desired.Shards)
        {
            if (cluster.Servers.Any(s => s.Pod.Shard == shard.Name && !s.Replica && s.Pod.Ordinal > shard.Replicas))
                _world.Invariants.AllowPromotion(cluster, shard.Name);
            if (_world.Rolls)
                AllowRoll(cluster, shard.Name);
        }
    }

    private void Settle()
    {
        var start = _world.Now;
        var bound = start + (_world.Rolls ? RollBound : ConvergenceBound);
        var settled = 0;
        while (settled < 3)
        {
            _world.Tick();
            foreach (var cluster in _world.Clusters)
                LookAt(cluster);
            settled = _world.Clusters.All(c => c.Operator.LastPlan?.IsSettled == true) ? settled + 1 : 0;
            if (_world.Now <= bound)
                continue;
            var open = _world.Clusters.Select(c => c.Operator.LastPlan).Where(p => p is { IsSettled: false })
                .SelectMany(p => p!.Steps.Select(s => s.Summary).Concat(p.Waits.Select(w => w.Message)));
            throw new SimulationException($"not settled after {bound - start} s: {string.Join("; ", open)}");
        }

        foreach (var cluster in _world.Clusters)
        {
            SettledState.Check(_world, cluster);
            cluster.Formed = true;
        }
    }

    /// <summary>
    /// A person empties a master without slots that holds keys, once that has been reported for a while: the condition asks for it. What it holds is what a replica
    /// had not heard to be moved away when its master died. It is never needed while nothing but the spec changes.
    /// </summary>
    private void LookAt(SimCluster cluster)
    {
        var strays = cluster.Servers.Where(s => !s.Replica && s.Claims == 0 && s.Keys.Count > 0
            && cluster.Operator.LastPlan?.Waits.Any(w => w.Reason is WaitReason.UnexpectedKeys or WaitReason.ShardLeaving && w.Message.Contains($"{s.Pod.Name} ", StringComparison.Ordinal)) == true).ToList();
        cluster.ReportedFor = strays.Count == 0 ? 0 : cluster.ReportedFor + 1;
        if (cluster.ReportedFor < PatienceOfAPerson)
            return;
        if (_world.Planned)
            throw new SimulationException($"{strays[0].Pod.Name} holds {strays[0].Keys.Count} keys and no slots");
        foreach (var server in strays)
        {
            _world.Trace($"FLUSHALL {server.Pod.Name}");
            server.Flush();
        }
    }

    private void StaysSettled(int ticks)
    {
        for (var i = 0; i < ticks; i++)
        {
            _world.Tick();
            foreach (var cluster in _world.Clusters)
            {
                if (cluster.Operator.LastPlan is { IsSettled: false } plan)
                    throw new SimulationException($"a settled cluster came unsettled: {string.Join("; ", plan.Steps.Select(s => s.Summary).Concat(plan.Waits.Select(w => w.Message)))}");
            }
        }
    }
}
