using System.Collections.Immutable;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The edges around the planner as the operator has them: observe, plan, carry out. All it remembers dies with the process.</summary>
internal sealed partial class SimOperator(World world, SimCluster cluster)
{
    private readonly Dictionary<string, int> _absentSince = [];
    private readonly Dictionary<string, int> _silentSince = [];

    /// <summary>When each address last answered.</summary>
    private readonly Dictionary<string, int> _heard = [];
    private readonly Dictionary<string, (string Replica, int At)> _elections = [];

    /// <summary>When servers were last told to forget an id.</summary>
    private readonly Dictionary<string, int> _forgotten = [];
    private ImmutableArray<PlanWait> _waits = [];
    private int _crashedUntil;

    public TopologyPlan? LastPlan { get; private set; }

    public ObservedTopology LastObserved { get; private set; } = new();

    public void Crash(int downFor)
    {
        _crashedUntil = world.Now + downFor;
        _absentSince.Clear();
        _silentSince.Clear();
        _heard.Clear();
        _elections.Clear();
        _forgotten.Clear();
        world.Invariants.OperatorDied();
        _blocked.Clear();
        _made.Clear();
    }

    public void Tick()
    {
        LastPlan = null;
        if (_crashedUntil > world.Now)
            return;
        LastObserved = Observe(cluster.Kubernetes.Cached(world.CacheLag));
        LastPlan = TopologyPlanner.Plan(cluster.Desired, LastObserved);
        world.Invariants.Planned(cluster, LastObserved, LastPlan);
        var disturbed = _interrupted = false;
        foreach (var step in LastPlan.Steps)
        {
            if (world.Faulty && world.Random.Next(25) == 0)
            {
                world.Trace($"{cluster.Name} operator: FAILED {step.Summary}");
                world.Events.Count("step failed");
                disturbed = true;
                if (world.Random.Next(2) == 0)
                    break;
                continue;
            }

            var done = CarryOut(step);
            if (done)
                world.Steps.Count(step.GetType().Name);
            world.Trace($"{cluster.Name} operator: {(done ? "" : "refused ")}{step.Summary}");
            if (Crashed)
                return;
            if (world.OperatorCrashes && world.Random.Next(40) == 0)
            {
                world.Trace($"{cluster.Name} operator: CRASH");
                world.Events.Count("operator killed after a step");
                Crash(1 + world.Random.Next(4));
                return;
            }
        }

        world.Invariants.FalseNils(cluster, disturbed || _interrupted);
        if (!world.IsTracing)
            return;
        foreach (var wait in LastPlan.Waits.Except(_waits))
            world.Trace($"{cluster.Name} operator: waits for {wait.Reason}: {wait.Message}");
        _waits = LastPlan.Waits;
    }

    private ObservedTopology Observe(KubernetesSnapshot cached)
    {
        var pods = ImmutableArray.CreateBuilder<ObservedPod>(cached.Pods.Length);
        foreach (var pod in cached.Pods)
        {
            var name = pod.Identity.Name;
            var server = Contact(pod.Address) is { } found && found.Cluster == cluster && found.Pod.Name == name ? found : null;
            if (server is not null)
            {
                _silentSince.Remove(name);
                _heard[server.Address] = world.Now;
            }
            else
            {
                _silentSince.TryAdd(name, _heard.GetValueOrDefault(pod.Address ?? "", world.Now));
            }

            pods.Add(Show(pod, WasRemoved(pod.Identity.Shard, cached), server));
        }

        var observed = pods.MoveToImmutable();
        var shards = _removed.Count == 0 ? cached.Shards : cached.Shards.RemoveAll(s => WasRemoved(s.Name, cached));
        shards = shards.AddRange(Made(cached));
        return new ObservedTopology
        {
            Shards = shards,
            Pods = observed,
            AbsentFor = Absent(observed),
            Elections = _elections.ToImmutableDictionary(e => e.Key, e => (e.Value.Replica, TimeSpan.FromSeconds(world.Now - e.Value.At))),
            BlockedSlots = BlockedSlots(),
            StaleObjects =
            [
                .. cluster.Desired.Shards.Where(s => shards.All(x => x.Name != s.Name)).Select(s => $"StatefulSet/{s.Name}"),
                .. shards.Where(s => cached.Templates.GetValueOrDefault(s.Name) != cluster.Template).Select(s => $"StatefulSet/{s.Name}"),
            ],
        };
    }

    private ImmutableDictionary<string, TimeSpan> Absent(ImmutableArray<ObservedPod> pods)
    {
        var listed = new HashSet<string>();
        foreach (var pod in pods)
        {
            foreach (var peer in pod.Node?.Peers ?? [])
            {
                if (peer.Health != PeerHealth.Handshake && !IsLive(pods, peer.Id))
                    listed.Add(peer.Id);
            }
        }

        if (listed.Count == 0)
        {
            _absentSince.Clear();
            return ImmutableDictionary<string, TimeSpan>.Empty;
        }

        foreach (var id in _absentSince.Keys.Where(id => !listed.Contains(id)).ToList())
            _absentSince.Remove(id);
        var builder = ImmutableDictionary.CreateBuilder<string, TimeSpan>();
        foreach (var id in listed)
        {
            _absentSince.TryAdd(id, world.Now);
            builder[id] = TimeSpan.FromSeconds(world.Now - _absentSince[id]);
        }

        return builder.ToImmutable();
    }

    private static bool IsLive(ImmutableArray<ObservedPod> pods, string id)
    {
        foreach (var pod in pods)
        {
            if (ReferenceEquals(pod.Node?.Id, id))
                return true;
        }

        return false;
    }

    /// <summary>Whoever answers at an address; the operator's own reach is not that of the peers.</summary>
    private RedisServer? Contact(string? address) =>
        world.Network.At(address) is { } server && server.OperatorCutUntil <= world.Now ? server : null;

    /// <summary>The server a step means: the id is checked again where the step is carried out.</summary>
    private RedisServer? Check(NodeRef node) =>
        Contact(node.Address) is { Loading: false } server && server.Id == node.Id ? server : null;

    private bool CarryOut(PlanStep step)
    {
        switch (step)
        {
            case PlanStep.ApplyObjects:
                foreach (var shard in cluster.Desired.Shards.Where(s => cluster.Kubernetes.Apply(s.Name, s.Pods)))
                    _made[shard.Name] = world.Now;

                // Shards that are to go as well, as long as they are there.
                foreach (var shard in cluster.Kubernetes.StatefulSets.Keys)
                    cluster.Kubernetes.Templates = cluster.Kubernetes.Templates.SetItem(shard, cluster.Template);
                return true;
            case PlanStep.ScaleShard scale:
                // Sent with the observed resourceVersion: a change the cache has not shown yet is a conflict, or what was meant as growth could shrink.
                if (!cluster.Kubernetes.StatefulSets.TryGetValue(scale.Shard, out var pods) || LastObserved.Shards.First(s => s.Name == scale.Shard).Pods != pods)
                    return false;
                if (scale.Master is { } stays && IsBeingDeleted(stays))
                    return false;
                if (scale.Pods < pods)
                    world.Invariants.ScalingIn(cluster, scale.Shard, scale.Pods);
                cluster.Kubernetes.StatefulSets[scale.Shard] = scale.Pods;
                return true;
            case PlanStep.LabelPod label:
                if (!cluster.Kubernetes.Pods.TryGetValue(label.Pod, out var pod))
                    return false;
                pod.Label = label.Role;
                return true;
            case PlanStep.SetConfigEpoch epoch:
                return Check(epoch.Node)?.SetConfigEpoch(epoch.Epoch) ?? false;
            case PlanStep.Meet meet:
                return Check(meet.From) is { } from && Check(meet.To) is not null && from.Meet(meet.To.Address);
            case PlanStep.Forget forget:
                if (Check(forget.On)?.Forget(forget.NodeId) != true)
                    return false;
                _forgotten[forget.NodeId] = world.Now;
                return true;
            case PlanStep.AssignSlots assign:
                return Assign(assign);
            case PlanStep.Replicate replicate:
                return Check(replicate.Replica) is { } replica && Check(replicate.Master) is { } master && Follow(replica, master);
            case PlanStep.Detach detach:
                return Check(detach.Replica) is { } stray && stray.MasterId == detach.MasterId && stray.Reset(detach.Renew);
            case PlanStep.Failover failover:
                return Check(failover.Replica) is { } heir && failover.Kind switch
                {
                    FailoverKind.Graceful => !IsBeingDeleted(failover.Replica.Pod) && heir.StartGracefulFailover(),
                    FailoverKind.Forced => !RunsAgain(failover.From) && HoldElection(heir),
                    _ => !RunsAgain(failover.From) && heir.Takeover(),
                };
            case PlanStep.MoveSlots move:
                return Move(move);
            case PlanStep.CloseSlot close:
                return Close(close);
            case PlanStep.CancelMigration cancel:
                return Cancel(cancel);
            case PlanStep.RemoveShard remove:
                return RemoveShard(remove.Shard);
            case PlanStep.SetConfig or PlanStep.ResizePod or PlanStep.RestartPod:
                return Change(step);
            default:
                throw new SimulationException($"unknown step {step}");
        }
    }

    private bool HoldElection(RedisServer heir)
    {
        if (!heir.Replica)
            return false;
        _elections[heir.MasterId!] = (heir.Id, world.Now);
        return heir.ForceElection();
    }

    /// <summary>The last look before a takeover, and before an election: a pod that was not there, or known to be down, and has started since.</summary>
    private bool RunsAgain(string? name) =>
        name is not null && cluster.Kubernetes.Pods.TryGetValue(name, out var pod) && pod.ContainerRuns && (LastObserved.Pods.FirstOrDefault(p => p.Name == name)?.ConfirmedDown ?? true);

    /// <summary>The last look before a master hands over, and before those go whom it could hand over to: a deletion that the cache does not show yet.</summary>
    private bool IsBeingDeleted(string name) => cluster.Kubernetes.Pods.GetValueOrDefault(name) is not { Terminating: false };

    private static bool Follow(RedisServer replica, RedisServer master)
    {
        master.Admit();
        return replica.ReplicateOf(master.Id);
    }

    private bool Assign(PlanStep.AssignSlots assign)
    {
        if (Check(assign.Node) is not { } node)
            return false;
        var mask = cluster.Atoms.Mask(assign.Slots);
        var missing = mask & ~node.Claims;
        if (!node.AddSlots(missing) && !(node.DelSlots(missing) && node.AddSlots(missing)))
            return false;
        Invariants.Assigned(node, mask, assign.NewEpoch);
        if (assign.NewEpoch)
            node.BumpEpoch();
        return true;
    }
}
