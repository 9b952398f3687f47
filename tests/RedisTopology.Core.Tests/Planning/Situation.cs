using System.Collections.Immutable;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Planning;

/// <summary>
/// An observation for a planner test, written as "a settled cluster, but ...". Pod <c>s0-1</c> has the id <c>id-s0-1</c>; pod 0 of each shard is its master.
/// </summary>
internal sealed partial class Situation
{
    private readonly SortedDictionary<string, ObservedPod> _pods = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _statefulSets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _absent = [];
    private readonly Dictionary<string, TimeSpan> _short = [];
    private readonly List<string> _staleObjects = [];
    private readonly Dictionary<string, (string Replica, TimeSpan Ago)> _elections = [];

    private Situation(params ReadOnlySpan<int> replicas)
    {
        var counts = replicas.ToArray();
        Desired = new DesiredTopology(
            [.. DesiredTopology.EvenSplit(counts.Length).Select((s, i) => new DesiredShard(s.Name, s.Slots, counts[i]))],
            TimeSpan.FromSeconds(5));
        foreach (var shard in Desired.Shards)
        {
            _statefulSets[shard.Name] = shard.Pods;
            for (var ordinal = 0; ordinal < shard.Pods; ordinal++)
                _pods[$"{shard.Name}-{ordinal}"] = new ObservedPod { Name = $"{shard.Name}-{ordinal}", Shard = shard.Name, Ordinal = ordinal, Address = $"ip-{shard.Name}-{ordinal}", Healthy = true };
        }
    }

    public DesiredTopology Desired { get; private set; }

    /// <summary>Every pod runs a server that knows nothing.</summary>
    public static Situation Fresh(params ReadOnlySpan<int> replicas)
    {
        var situation = new Situation(replicas);
        foreach (var pod in situation._pods.Keys.ToList())
            situation.WithNode(pod, new ObservedNode { Id = $"id-{pod}", Role = NodeRole.Master });
        return situation;
    }

    /// <summary>Everything is as the spec says.</summary>
    public static Situation Settled(params ReadOnlySpan<int> replicas)
    {
        var situation = new Situation(replicas);
        foreach (var pod in situation._pods.Values.ToList())
        {
            var self = situation.ViewOf(pod);
            situation._pods[pod.Name] = pod with { RoleLabel = self.Role };
            situation.WithNode(pod.Name, new ObservedNode
            {
                Id = self.Id,
                Role = self.Role,
                MasterId = self.MasterId,
                MasterHost = self.MasterId is null ? null : $"ip-{pod.Shard}-0",
                Slots = self.Slots,
                ConfigEpoch = self.ConfigEpoch,
                CurrentEpoch = 9,
                ClusterOk = true,
                Offset = 1000,
                Keys = 10,
                Peers = [.. situation._pods.Values.Where(p => p.Name != pod.Name).Select(situation.ViewOf)],
            });
        }

        return situation;
    }

    public ObservedNode Node(string pod) => _pods[pod].Node!;

    public Situation WithPod(string pod, Func<ObservedPod, ObservedPod> change)
    {
        _pods[pod] = change(_pods[pod]);
        return this;
    }

    public Situation WithNode(string pod, ObservedNode? node) => WithPod(pod, p => p with { Node = node });

    public Situation WithNode(string pod, Func<ObservedNode, ObservedNode> change) => WithNode(pod, change(Node(pod)));

    /// <summary>Changes how every server (or one) sees a node.</summary>
    public Situation Seen(string id, Func<PeerView, PeerView> change, string? by = null)
    {
        foreach (var pod in _pods.Values.Where(p => p.Node is not null && (by is null || p.Name == by)).ToList())
            WithNode(pod.Name, node => node with { Peers = [.. node.Peers.Select(p => p.Id == id ? change(p) : p)] });
        return this;
    }

    /// <summary>The server does not answer, for as long as said.</summary>
    public Situation Silent(string pod, int seconds, bool down)
    {
        _absent[Node(pod).Id] = TimeSpan.FromSeconds(seconds);
        return WithPod(pod, p => p with { Node = null, ConfirmedDown = down, SilentFor = TimeSpan.FromSeconds(seconds) });
    }

    /// <summary>A replica was told to stand for election in place of a master (both by node id), as long ago as said.</summary>
    public Situation Ordered(string master, string replica, double secondsAgo)
    {
        _elections[master] = (replica, TimeSpan.FromSeconds(secondsAgo));
        return this;
    }

    /// <summary>The pod answers as a server that knows nothing, under a new id.</summary>
    public Situation Replaced(string pod)
    {
        if (_pods[pod].Node is { } node)
            _absent[node.Id] = TimeSpan.FromSeconds(1);
        return WithPod(pod, p => p with { Node = new ObservedNode { Id = $"new-{pod}", Role = NodeRole.Master }, ConfirmedDown = false, SilentFor = TimeSpan.Zero });
    }

    /// <summary>The pod is gone and its StatefulSet does not want it any more.</summary>
    public Situation Removed(string pod)
    {
        _absent[Node(pod).Id] = TimeSpan.FromSeconds(1);
        _statefulSets[_pods[pod].Shard]--;
        _pods.Remove(pod);
        return this;
    }

    public Situation WithoutStatefulSet(string shard)
    {
        _statefulSets.Remove(shard);
        return this;
    }

    /// <summary>Every pod that exists must be replaced, or those named.</summary>
    public Situation Outdated(params ReadOnlySpan<string> pods)
    {
        foreach (var pod in pods.IsEmpty ? [.. _pods.Keys] : pods.ToArray())
            WithPod(pod, p => p with { Outdated = "runs another image" });
        return this;
    }

    /// <summary>The pod was replaced and is as the spec says.</summary>
    public Situation UpToDate(string pod) => WithPod(pod, p => p with { Outdated = null, Size = PodSize.Fits, Uid = $"{p.Uid}+" });

    /// <summary>The StatefulSet asks for one more pod, which exists when a node is given, with the same view of the others as pod 0 has.</summary>
    public Situation Extra(string shard, bool live)
    {
        var ordinal = _statefulSets[shard]++;
        var pod = new ObservedPod { Name = $"{shard}-{ordinal}", Shard = shard, Ordinal = ordinal, Address = $"ip-{shard}-{ordinal}", RoleLabel = live ? NodeRole.Replica : null, Healthy = live };
        _pods[pod.Name] = pod;
        if (!live)
            return this;
        var view = ViewOf(pod);
        foreach (var other in _pods.Values.Where(p => p.Node is not null).ToList())
            WithNode(other.Name, n => n with { Peers = n.Peers.Add(view) });
        return WithNode(pod.Name, new ObservedNode
        {
            Id = view.Id,
            Role = NodeRole.Replica,
            MasterId = view.MasterId,
            MasterHost = $"ip-{shard}-0",
            ConfigEpoch = view.ConfigEpoch,
            CurrentEpoch = 9,
            ClusterOk = true,
            Offset = 1000,
            Keys = 10,
            MaxMemory = Node($"{shard}-0").MaxMemory,
            Peers = [.. _pods.Values.Where(p => p.Name != pod.Name).Select(ViewOf)],
        });
    }

    /// <summary>The StatefulSet asks for one pod less, and none is deleted yet.</summary>
    public Situation ScaledIn(string shard)
    {
        _statefulSets[shard]--;
        return this;
    }

    /// <summary>The pod does not exist (any more), and its StatefulSet wants it.</summary>
    public Situation Missing(string pod, TimeSpan since = default)
    {
        _short[_pods[pod].Shard] = since;
        _pods.Remove(pod);
        return this;
    }

    /// <summary>A replica of the shard became its master, and everybody knows.</summary>
    public Situation FailedOver(string shard, int to)
    {
        var (slots, id, host) = (Desired.Shards.First(s => s.Name == shard).Slots, $"id-{shard}-{to}", $"ip-{shard}-{to}");
        foreach (var pod in _pods.Values.Where(p => p.Shard == shard).ToList())
        {
            var master = pod.Ordinal == to;
            WithPod(pod.Name, p => p with { RoleLabel = master ? NodeRole.Master : NodeRole.Replica });
            WithNode(pod.Name, n => n with
            {
                Role = master ? NodeRole.Master : NodeRole.Replica,
                MasterId = master ? null : id,
                MasterHost = master ? null : host,
                Slots = master ? slots : SlotSet.Empty,
                ConfigEpoch = 9,
            });
            Seen($"id-{pod.Name}", p => p with
            {
                Role = master ? NodeRole.Master : NodeRole.Replica,
                MasterId = master ? null : id,
                Slots = master ? slots : SlotSet.Empty,
                ConfigEpoch = 9,
            });
        }

        return this;
    }

    /// <summary>Objects that differ from what the spec asks for.</summary>
    public Situation Stale(string kindAndName)
    {
        _staleObjects.Add(kindAndName);
        return this;
    }

    /// <summary>The spec asks for so much memory; every pod has what is said of it, and uses it as said.</summary>
    public Situation Sized(int wanted, int has, int used, bool noEviction = false)
    {
        Desired = Desired with { Memory = MiB(wanted), MaxMemory = MiB(wanted) * 3 / 4, NoEviction = noEviction };
        foreach (var pod in _pods.Keys.ToList())
        {
            WithPod(pod, p => p with { Memory = MiB(has), Size = wanted == has ? PodSize.Fits : PodSize.Differs });
            WithNode(pod, n => n with { MaxMemory = MiB(has) * 3 / 4, UsedMemory = MiB(used) });
        }

        return this;
    }

    public static long MiB(long count) => count << 20;

    public Situation With(Func<DesiredTopology, DesiredTopology> change)
    {
        Desired = change(Desired);
        return this;
    }

    public Situation Wanting(params ReadOnlySpan<int> replicas)
    {
        var counts = replicas.ToArray();
        Desired = Desired with { Shards = [.. Desired.Shards.Select((s, i) => s with { Replicas = counts[i] })] };
        return this;
    }

    public TopologyPlan Plan() => TopologyPlanner.Plan(Desired, Observed);

    public ObservedTopology Observed => _also(new ObservedTopology
    {
        Shards = [.. _statefulSets.Select(s => new ObservedShard(s.Key, s.Value) { ShortFor = _short.GetValueOrDefault(s.Key) })],
        Pods = [.. _pods.Values],
        AbsentFor = _absent.ToImmutableDictionary(),
        Elections = _elections.ToImmutableDictionary(),
        StaleObjects = [.. Desired.Shards.Where(s => !_statefulSets.ContainsKey(s.Name)).Select(s => $"StatefulSet/{s.Name}"), .. _staleObjects],
    });

    /// <summary>The plan's steps but for labels, which follow from the roles, and introductions where they are beside the point.</summary>
    public string[] Steps(bool introductions = false) =>
        [.. Plan().Steps.Where(s => s is not PlanStep.LabelPod && (introductions || s is not PlanStep.Meet)).Select(s => s.Summary)];

    public WaitReason[] Waits() => [.. Plan().Waits.Select(w => w.Reason).Distinct().Where(r => r != WaitReason.PodNotReady)];

    private PeerView ViewOf(ObservedPod pod)
    {
        var shard = Desired.Shards.First(s => s.Name == pod.Shard);
        var master = pod.Ordinal == 0;
        return new PeerView(
            $"id-{pod.Name}",
            pod.Address,
            pod.Identity,
            master ? NodeRole.Master : NodeRole.Replica,
            master ? null : $"id-{pod.Shard}-0",
            master ? shard.Slots : SlotSet.Empty,
            PeerHealth.Ok,
            Connected: true,
            Desired.Shards.IndexOf(shard) + 1);
    }
}
