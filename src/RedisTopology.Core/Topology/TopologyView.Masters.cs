namespace RedisTopology.Core.Topology;

/// <summary>Who is the master of a shard, with and without slots.</summary>
public sealed partial class TopologyView
{
    /// <summary>How long the first pod of a shard is waited for while others already answer: the master then is pod 0 unless pod 0 has a problem.</summary>
    internal static readonly TimeSpan FirstPodGrace = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, ObservedPod?> _masters = [];

    /// <summary>The live pod of a shard that owns slots; null while there is none.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>The pod with the most slots.</returns>
    public ObservedPod? OwnerOf(string shard)
    {
        ObservedPod? owner = null;
        var most = 0;
        foreach (var pod in Live)
        {
            if (pod.Shard == shard && SlotsOf(pod.Node!.Id).Count is var count && count > most)
                (owner, most) = (pod, count);
        }

        return owner;
    }

    /// <summary>
    /// The live master of a shard: the pod that owns slots, or, in a shard which has none yet or has none left, the pod that receives them. Its
    /// replicas follow it before the first slot comes, so that nothing that is moved stands in one place only. Null while there is none.
    /// </summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>The pod.</returns>
    public ObservedPod? MasterOf(string shard)
    {
        if (!_masters.TryGetValue(shard, out var master))
            _masters[shard] = master = OwnerOf(shard) ?? EmptyMasterOf(shard);
        return master;
    }

    /// <summary>Whether some server of a shard, alive or not, owns slots.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>True when one does.</returns>
    internal bool HasOwner(string shard) => _owned.Keys.Any(id => IdentityOf(id)?.Shard == shard);

    /// <summary>Whether a slot is on its way from or to a shard, as far as any master knows, so that its master is to be left as it is.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>True when one is.</returns>
    public bool IsMovingSlots(string shard) => IsAnythingMoving && Live.Any(p => p.Node is { Role: NodeRole.Master } node && (!node.OpenSlots.IsEmpty || !node.Jobs.IsEmpty)
        && (p.Shard == shard || node.OpenSlots.Any(o => IdentityOf(o.PeerId)?.Shard == shard)
            || node.Jobs.Any(j => IdentityOf(j.SourceId)?.Shard == shard || IdentityOf(j.TargetId)?.Shard == shard)));

    /// <summary>
    /// Whether a shard is to go and nothing of it is on its way. Keys in it are those that have been moved away, in a replica that has not heard of it: not worth a
    /// successor of its master. When that is back, empty, its replicas become as empty.
    /// </summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>True when nothing in it is needed.</returns>
    internal bool IsLeftOver(string shard) => Surplus.Contains(shard) && !HasOwner(shard) && !IsMovingSlots(shard);

    /// <summary>Whether the first pod of a shard has not had its time to start yet.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>True while it is to be waited for.</returns>
    internal bool IsFirstPodAwaited(string shard) =>
        Pod(shard, 0) is not { } first || (first.Node is null && first.SilentFor < FirstPodGrace);

    /// <summary>Live replicas of a shard whose master does not answer, the best copy first.</summary>
    /// <param name="shard">The shard's name.</param>
    /// <returns>The pods.</returns>
    internal IEnumerable<ObservedPod> Orphans(string shard) =>
        Live.Where(p => p.Shard == shard && p.Node is { Role: NodeRole.Replica } && LivePod(p.Node.MasterId) is null && !Outlived.Contains(p))
            .OrderByDescending(p => p.Node!.Keys > 0).ThenByDescending(p => p.Node!.Offset).ThenBy(p => p.Ordinal);

    /// <summary>Whether a pod follows a live master of another shard, perhaps by way of a replica of that one: nothing in it belongs to its own.</summary>
    /// <param name="pod">A live pod.</param>
    /// <returns>True when it does.</returns>
    internal bool IsStray(ObservedPod pod) => pod.Node is { Role: NodeRole.Replica } && SourceOf(pod) is { } master && master.Shard != pod.Shard;

    /// <summary>The live master whose data a replica has. Redis 7.0 leaves a replica with its master when that becomes a replica in its turn. Null when somebody on the way does not answer.</summary>
    private ObservedPod? SourceOf(ObservedPod replica)
    {
        var source = replica;
        for (var hops = 0; hops < Live.Length && source is { Node.Role: NodeRole.Replica }; hops++)
            source = LivePod(source.Node.MasterId);
        return source is { Node.Role: NodeRole.Master } ? source : null;
    }

    private ObservedPod? EmptyMasterOf(string shard)
    {
        // While a cluster is being formed slots are given, not moved. And a dead owner is succeeded by those who follow it.
        if (OwnedSlots.IsEmpty || HasOwner(shard))
            return null;
        var pods = _desired?.Shards.FirstOrDefault(s => s.Name == shard)?.Pods ?? int.MaxValue;
        var best = Live.Where(p => p.Shard == shard && p.Node is { Role: NodeRole.Master, Slots.IsEmpty: true })
            .OrderByDescending(p => p.Node!.OpenSlots.Any(o => o.Importing)).ThenByDescending(p => p.Node!.Keys > 0).ThenBy(p => p.Terminating || p.Node!.Loading)
            .ThenByDescending(p => p.Ordinal < pods).ThenByDescending(HasFollowers).ThenBy(p => p.Ordinal).FirstOrDefault();
        if (best is null || !best.Node!.OpenSlots.IsEmpty || best.Node.Keys > 0)
            return best;

        // A copy that outlived its master goes before an empty master: it is promoted first.
        if (!IsLeftOver(shard) && Orphans(shard).Any(p => p.Node!.Keys > 0))
            return null;
        return best.Ordinal == 0 || HasFollowers(best) || !IsFirstPodAwaited(shard) ? best : null;
    }

    private bool HasFollowers(ObservedPod pod) => Live.Any(p => p.Node!.MasterId == pod.Node!.Id);
}
