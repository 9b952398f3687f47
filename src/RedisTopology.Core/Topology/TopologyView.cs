using System.Collections.Immutable;

namespace RedisTopology.Core.Topology;

/// <summary>
/// One consistent reading of an observation. Every server has its own opinion of who owns what; as in Redis itself, the claim made
/// under the highest config epoch wins, so an old master that was cut off during a failover is seen as having lost its slots even
/// while it still believes in them.
/// </summary>
public sealed partial class TopologyView
{
    private readonly Dictionary<string, ObservedPod> _liveById = [];
    private readonly Dictionary<string, PodIdentity> _announced = [];
    private readonly Dictionary<string, SlotSet> _owned = [];

    private readonly DesiredTopology? _desired;

    private TopologyView(ObservedTopology observed, DesiredTopology? desired)
    {
        Observed = observed;
        _desired = desired;
        Live = [.. observed.Pods.Where(p => p.Node is not null)];
        foreach (var pod in Live)
        {
            _liveById[pod.Node!.Id] = pod;
            IsAnythingMoving |= !pod.Node.OpenSlots.IsEmpty || !pod.Node.Jobs.IsEmpty;
        }

        var absent = AbsentPeers(Live);
        foreach (var peer in absent)
        {
            if (peer.Pod is not null)
                _announced[peer.Id] = peer.Pod;
        }

        Outlived = FindOutlived();
        var heard = Outlived.IsEmpty ? Live : Live.RemoveRange(Outlived);
        if (!Outlived.IsEmpty)
            absent = AbsentPeers(heard);
        AbsentIds = absent.Count == 0 ? [] : [.. absent.Select(p => p.Id).Distinct().Order(StringComparer.Ordinal)];
        OwnedSlots = ResolveClaims(heard, absent, _owned);
        Surplus = desired is null ? [] : SurplusOf(observed, desired);
    }

    /// <summary>The observation this is a reading of.</summary>
    public ObservedTopology Observed { get; }

    /// <summary>The pods whose servers answered and proved who they are.</summary>
    public ImmutableArray<ObservedPod> Live { get; }

    /// <summary>Ids that some live server lists and no live server has, without those still in handshake.</summary>
    public ImmutableArray<string> AbsentIds { get; }

    /// <summary>All slots that have an owner, alive or not.</summary>
    public SlotSet OwnedSlots { get; }

    /// <summary>The names of the shards that exist and are not asked for, in order; empty when it is not known what is asked for.</summary>
    public ImmutableArray<string> Surplus { get; }

    /// <summary>
    /// Empty replicas that came back from their disks with the table of a cluster that is no more: it was formed anew meanwhile, under other ids and low epochs. What they remember is not
    /// believed, for by their epochs the masters of today would own nothing.
    /// </summary>
    internal ImmutableArray<ObservedPod> Outlived { get; }

    /// <summary>Whether some server holds a slot to be on its way. Most of the time none does.</summary>
    internal bool IsAnythingMoving { get; }

    /// <summary>The ids that own slots, alive or not.</summary>
    public IReadOnlyCollection<string> Owners => _owned.Keys;

    /// <summary>Reads an observation.</summary>
    /// <param name="observed">The observation.</param>
    /// <param name="desired">What is asked for, when that is known: pods of a wanted shard come back even while its StatefulSet is missing.</param>
    /// <returns>The reading.</returns>
    public static TopologyView Of(ObservedTopology observed, DesiredTopology? desired = null) => new(observed, desired);

    /// <summary>Whether one live node knows another by the address it has now.</summary>
    /// <param name="who">A live pod.</param>
    /// <param name="whom">Another.</param>
    /// <returns>True when it does.</returns>
    public static bool Knows(ObservedPod who, ObservedPod whom) =>
        who.Node!.Peer(whom.Node!.Id) is { } peer && Knows(peer, whom);

    /// <summary>Whether a view is of a node at the address it has now.</summary>
    /// <param name="peer">A node's view of the live pod.</param>
    /// <param name="whom">The live pod.</param>
    /// <returns>True when it is.</returns>
    internal static bool Knows(PeerView peer, ObservedPod whom) =>
        peer.Health is not (PeerHealth.Handshake or PeerHealth.NoAddress) && peer.Address == whom.Address;

    /// <summary>The live pod with this node id, or null.</summary>
    /// <param name="id">A node id.</param>
    /// <returns>The pod.</returns>
    public ObservedPod? LivePod(string? id) => id is null ? null : _liveById.GetValueOrDefault(id);

    /// <summary>The slots the node with this id owns.</summary>
    /// <param name="id">A node id, alive or not.</param>
    /// <returns>Its slots; empty when it owns none.</returns>
    public SlotSet SlotsOf(string id) => _owned.GetValueOrDefault(id, SlotSet.Empty);

    /// <summary>Who owns a slot.</summary>
    /// <param name="slot">The slot.</param>
    /// <returns>A node id, alive or not; null when nobody does.</returns>
    public string? OwnerIdOf(int slot)
    {
        foreach (var (id, slots) in _owned)
        {
            if (slots.Contains(slot))
                return id;
        }

        return null;
    }

    /// <summary>Whether anything is or will be left of a shard: it is asked for, or has a StatefulSet or a pod.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>True when it exists.</returns>
    internal bool Exists(string shard) =>
        _desired?.Shards.Any(s => s.Name == shard) == true || Observed.Shards.Any(s => s.Name == shard) || Observed.Pods.Any(p => p.Shard == shard);

    /// <summary>The StatefulSet of a shard, or null.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>The StatefulSet.</returns>
    internal ObservedShard? StatefulSet(string shard)
    {
        foreach (var set in Observed.Shards)
        {
            if (set.Name == shard)
                return set;
        }

        return null;
    }

    /// <summary>The pod with this name, or null.</summary>
    /// <param name="name">A pod's name.</param>
    /// <returns>The pod.</returns>
    public ObservedPod? Pod(string name)
    {
        foreach (var pod in Observed.Pods)
        {
            if (pod.Name == name)
                return pod;
        }

        return null;
    }

    /// <summary>The pod of a shard with this ordinal, or null.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <param name="ordinal">The ordinal.</param>
    /// <returns>The pod.</returns>
    public ObservedPod? Pod(string shard, int ordinal)
    {
        foreach (var pod in Observed.Pods)
        {
            if (pod.Ordinal == ordinal && pod.Shard == shard)
                return pod;
        }

        return null;
    }

    /// <summary>The pod an id belongs or belonged to; null when it never announced one.</summary>
    /// <param name="id">A node id.</param>
    /// <returns>The identity.</returns>
    public PodIdentity? IdentityOf(string id) => LivePod(id)?.Identity ?? _announced.GetValueOrDefault(id);

    /// <summary>
    /// The role a pod plays for clients. A master without slots that is not its shard's plays none yet; a server that does not answer keeps the role it
    /// was last labelled with until another pod of its shard owns slots. A master that has none yet is not enough: nobody may remember the silent one's slots but its label.
    /// </summary>
    /// <param name="pod">A pod of the observation.</param>
    /// <returns>The role, or null.</returns>
    public NodeRole? RoleOf(ObservedPod pod)
    {
        if (pod.Node is { } node)
            return !SlotsOf(node.Id).IsEmpty || MasterOf(pod.Shard) == pod ? NodeRole.Master : node.Role == NodeRole.Replica ? NodeRole.Replica : null;
        return pod.RoleLabel == NodeRole.Master && OwnerOf(pod.Shard) is not null && !IsUnheardMaster(pod) ? null : pod.RoleLabel;
    }

    /// <summary>
    /// Whether a silent pod was the master, and who now owns slots in its shard has not heard of that: a former master that came back from its disk before its successor did, not a
    /// successor of it. What is newest is in the silent one.
    /// </summary>
    /// <param name="pod">A pod of the observation.</param>
    /// <returns>True when it is.</returns>
    internal bool IsUnheardMaster(ObservedPod pod) => pod is { Node: null, RoleLabel: NodeRole.Master } && OwnerOf(pod.Shard) is { } owner
        && !owner.Node!.Peers.Any(p => p.Role == NodeRole.Master && p.Pod?.Name == pod.Name);

    /// <summary>
    /// Whether the identity can never come back: its pod runs under another one, or its StatefulSet no longer asks for that pod, or a new pod for it
    /// has no place and without volumes would be empty. An identity whose pod is merely away may return with its data.
    /// </summary>
    /// <param name="id">An absent node id.</param>
    /// <returns>True when it is gone for good.</returns>
    public bool IsGone(string id)
    {
        if (_liveById.ContainsKey(id))
            return false;
        if (!_announced.TryGetValue(id, out var identity))
            return Observed.Pods.Length > 0 && Observed.Pods.All(p => p.Node is not null) && Observed.Pods.Length >= Observed.Shards.Sum(s => s.Pods);
        if (Pod(identity.Name) is { } pod)
            return pod.Node is not null || (pod.Unschedulable && _desired is { PersistsData: false });
        var shard = Observed.Shards.FirstOrDefault(s => s.Name == identity.Shard);
        var pods = shard?.Pods ?? _desired?.Shards.FirstOrDefault(s => s.Name == identity.Shard)?.Pods ?? 0;
        return identity.Ordinal >= pods;
    }

    /// <summary>Whether the server behind an absent id is known not to run, so that promoting its replica cannot make two masters.</summary>
    /// <param name="id">An absent node id.</param>
    /// <returns>True when it is down for certain.</returns>
    public bool IsConfirmedDown(string id)
    {
        if (_liveById.ContainsKey(id))
            return false;
        if (IsGone(id))
            return true;
        return _announced.TryGetValue(id, out var identity) && (Pod(identity.Name)?.ConfirmedDown ?? true);
    }

    /// <summary>Whether some live server holds an absent id to be failing or failed, so that gossip has the failover in hand.</summary>
    /// <param name="id">A node id.</param>
    /// <returns>True when it is flagged.</returns>
    public bool IsFlagged(string id) =>
        Live.Any(p => p.Node!.Peer(id) is { Health: PeerHealth.Suspect or PeerHealth.Failed });

    /// <summary>
    /// Without them every slot has an owner that answers, none of which lists them, so they are no members of that cluster. And whoever they remember to own slots can never come back.
    /// </summary>
    private ImmutableArray<ObservedPod> FindOutlived()
    {
        var suspects = Live.Where(p => p.Node is { Role: NodeRole.Replica, Keys: 0, Loading: false } node && LivePod(node.MasterId) is null && RemembersOnlyGone(node)).ToList();
        if (suspects.Count == 0)
            return [];
        var others = Live.RemoveRange(suspects);
        var owners = new Dictionary<string, SlotSet>();
        var owned = ResolveClaims(others, AbsentPeers(others), owners);
        return owned.Equals(SlotSet.All) && owners.Keys.All(_liveById.ContainsKey) ? [.. suspects.Where(s => owners.Keys.All(o => _liveById[o].Node!.Peer(s.Node!.Id) is null))] : [];
    }

    private bool RemembersOnlyGone(ObservedNode node)
    {
        var owners = node.Peers.Where(p => !p.Slots.IsEmpty).ToList();
        return owners.Count > 0 && owners.TrueForAll(p => IsGone(p.Id));
    }

    /// <summary>Every view that some live servers have of a node that no live server is.</summary>
    private List<PeerView> AbsentPeers(ImmutableArray<ObservedPod> seers)
    {
        var absent = new List<PeerView>();
        foreach (var pod in seers)
        {
            foreach (var peer in pod.Node!.Peers)
            {
                if (peer.Health != PeerHealth.Handshake && !_liveById.ContainsKey(peer.Id))
                    absent.Add(peer);
            }
        }

        return absent;
    }

    private static ImmutableArray<string> SurplusOf(ObservedTopology observed, DesiredTopology desired)
    {
        var surplus = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var shard in observed.Shards)
            surplus.Add(shard.Name);
        foreach (var pod in observed.Pods)
            surplus.Add(pod.Shard);
        foreach (var shard in desired.Shards)
            surplus.Remove(shard.Name);
        return [.. surplus];
    }

    private static SlotSet ResolveClaims(ImmutableArray<ObservedPod> live, List<PeerView> absent, Dictionary<string, SlotSet> owners)
    {
        // Only servers that answer speak for themselves; of the others, what their peers remember counts.
        var claims = new List<(string Id, SlotSet Slots, long Epoch, bool Live)>();
        foreach (var pod in live)
        {
            if (pod.Node is { Role: NodeRole.Master, Slots.IsEmpty: false } node)
                claims.Add((node.Id, node.Slots, node.ConfigEpoch, true));
        }

        foreach (var peer in absent)
        {
            if (!peer.Slots.IsEmpty)
                claims.Add((peer.Id, peer.Slots, peer.ConfigEpoch, false));
        }

        claims.Sort((a, b) => a.Epoch != b.Epoch ? b.Epoch.CompareTo(a.Epoch) : a.Live != b.Live ? b.Live.CompareTo(a.Live) : string.CompareOrdinal(a.Id, b.Id));
        var owned = SlotSet.Empty;
        foreach (var claim in claims)
        {
            var won = claim.Slots.Except(owned);
            if (won.IsEmpty)
                continue;
            owners[claim.Id] = owners.GetValueOrDefault(claim.Id, SlotSet.Empty).Union(won);
            owned = owned.Union(won);
        }

        return owned;
    }
}
