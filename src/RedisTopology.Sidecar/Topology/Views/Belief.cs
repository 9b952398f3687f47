using RedisTopology.Core.Hashing;

namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>
/// What is believed of the cluster, out of what its servers say. They may contradict each other, and this settles it as they themselves do: of two claims on a slot,
/// the one with the newer configuration epoch holds. So whoever missed the news, be it a server that is cut off and still thinks it owns its slots, can not turn the map
/// as long as anybody asked, or an earlier belief, knows better.
/// </summary>
internal sealed class Belief
{
    private readonly short[] _ownerOf = new short[HashSlot.Count];
    private readonly List<BelievedNode> _owners = [];

    private Belief(long currentEpoch, bool stateOk) => (CurrentEpoch, StateOk) = (currentEpoch, stateOk);

    /// <summary>The newest epoch any of the views had heard of.</summary>
    public long CurrentEpoch { get; }

    /// <summary>Whether the most credible server would serve.</summary>
    public bool StateOk { get; }

    /// <summary>The newest epoch of a claim that holds.</summary>
    public long Epoch => _owners.Count == 0 ? 0 : _owners.Max(o => o.Epoch);

    /// <summary>All servers, by id.</summary>
    public Dictionary<string, BelievedNode> Nodes { get; } = [];

    /// <summary>Those that own slots, in the order of their first slot.</summary>
    public IReadOnlyList<BelievedNode> Owners => _owners;

    /// <summary>The owner of a slot.</summary>
    /// <param name="slot">0..16383.</param>
    /// <returns>Its index in <see cref="Owners"/>; negative for none.</returns>
    public int OwnerOf(int slot) => _ownerOf[slot];

    /// <summary>Settles what several servers say.</summary>
    /// <param name="views">What they say; at least one.</param>
    /// <param name="former">What was believed before, which then counts like a view; null when the views are enough to start anew.</param>
    /// <returns>What to believe.</returns>
    public static Belief Of(IReadOnlyList<ClusterView> views, Belief? former)
    {
        // Of what epochs do not settle (who follows whom, who is dead), a server that serves, knows the newest epoch and hears the most of the others knows best.
        var ordered = views.OrderByDescending(v => v.StateOk).ThenByDescending(v => v.CurrentEpoch).ThenByDescending(v => v.Linked).ThenBy(v => v.MyId, StringComparer.Ordinal).ToList();
        var newer = former is null ? ordered : ordered.FindAll(v => v.CurrentEpoch >= former.CurrentEpoch);
        var older = former is null ? [] : ordered.FindAll(v => v.CurrentEpoch < former.CurrentEpoch);
        var best = newer.Count > 0 ? newer[0] : null;
        var belief = new Belief(Math.Max(ordered.Max(v => v.CurrentEpoch), former?.CurrentEpoch ?? 0), best?.StateOk ?? former!.StateOk);
        belief.Meet(newer);
        foreach (var (id, node) in former?.Nodes ?? [])
            belief.Meet(id, node.Said, node.Epoch, node.Addresses);
        belief.Meet(older);

        var owner = new string?[HashSlot.Count];
        belief.Claim(owner, newer);
        for (var slot = 0; former is not null && slot < owner.Length; slot++)
        {
            if (former._ownerOf[slot] is >= 0 and var index && former._owners[index] is var claim)
                belief.Claim(owner, claim.Said.Id, claim.Epoch, slot);
        }

        belief.Claim(owner, older);
        belief.Settle(owner);
        return belief;
    }

    /// <summary>Whether so many of those that own slots have said something that no contrary majority can exist.</summary>
    /// <param name="views">Who said something.</param>
    /// <returns>True for more than half of them.</returns>
    public bool HasMajority(IReadOnlyList<ClusterView> views) =>
        _owners.Count > 0 && 2 * _owners.Count(o => views.Any(v => v.MyId == o.Said.Id)) > _owners.Count;

    private void Meet(List<ClusterView> views)
    {
        // Where a server is is better known to the others than to itself: it is not told when its address changes.
        foreach (var view in views)
        {
            foreach (var node in view.Nodes.Where(n => n.Id != view.MyId))
                Meet(node.Id, node, node.ConfigEpoch, [NodeAddress.Of(view, node)]);
        }

        foreach (var view in views)
        {
            foreach (var node in view.Nodes.Where(n => n.Id == view.MyId))
                Meet(node.Id, node, node.ConfigEpoch, [NodeAddress.Of(view, node)]);
        }
    }

    private void Meet(string id, ViewNode said, long epoch, IReadOnlyList<NodeAddress> addresses) =>
        Nodes[id] = Nodes.TryGetValue(id, out var known)
            ? new(known.Said with { Zone = known.Said.Zone ?? said.Zone }, [.. known.Addresses.Union(addresses)], Math.Max(known.Epoch, epoch))
            : new(said, addresses, epoch);

    private void Claim(string?[] owner, List<ClusterView> views)
    {
        foreach (var view in views)
        {
            foreach (var node in view.Nodes)
            {
                foreach (var (first, last) in node.Slots)
                {
                    for (var slot = first; slot <= last; slot++)
                        Claim(owner, node.Id, node.ConfigEpoch, slot);
                }
            }
        }
    }

    private void Claim(string?[] owner, string id, long epoch, int slot)
    {
        // A server that has a newer epoch by now has renewed its claim on what it still owns: the older one is void.
        if (epoch == Nodes[id].Epoch && (owner[slot] is not { } rival || epoch > Nodes[rival].Epoch))
            owner[slot] = id;
    }

    private void Settle(string?[] owner)
    {
        var indexes = new Dictionary<string, short>();
        for (var slot = 0; slot < owner.Length; slot++)
        {
            _ownerOf[slot] = -1;
            if (owner[slot] is not { } id)
                continue;
            if (!indexes.TryGetValue(id, out var index))
            {
                indexes[id] = index = (short)_owners.Count;
                _owners.Add(Nodes[id]);
            }

            _ownerOf[slot] = index;
        }
    }
}
