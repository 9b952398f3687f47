using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Topology.Views;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>Makes the loops' map of what is believed. What has not changed stays the same object: a loop sees by a comparison of references that it has nothing to do.</summary>
internal sealed class MapBuilder
{
    private const int MaxChain = 4;
    private Dictionary<string, int> _shardOf = [];
    private HashSet<string> _heads = [];

    /// <summary>Makes a map.</summary>
    /// <param name="belief">What is believed.</param>
    /// <param name="locate">The node of a server: null while its address is not known, or belongs to another server.</param>
    /// <param name="serves">Whether an owner of slots can be sent commands: not when it is dead.</param>
    /// <param name="former">The map in force.</param>
    /// <returns>The new map, or <paramref name="former"/> when nothing in it would change.</returns>
    public ClusterMap Build(Belief belief, Func<BelievedNode, Node?> locate, Func<BelievedNode, bool> serves, ClusterMap former)
    {
        // A master without slots is a shard that is about to get some, or has just given away its last.
        var heads = belief.Owners.Concat(belief.Nodes.Values.Where(n => n.Said is { IsReplica: false, Failed: false } && !belief.Owners.Contains(n)).OrderBy(n => n.Said.Id, StringComparer.Ordinal)).ToList();
        var replicas = Replicas(belief, heads);
        var indexes = Number(heads, replicas);
        var shards = new Shard[heads.Count];
        for (var i = 0; i < shards.Length; i++)
        {
            var master = serves(heads[i]) ? locate(heads[i]) : null;
            if (master is not null)
                master.Claim = heads[i].Epoch;
            shards[i] = Reuse(former, new(indexes[i], master, [.. replicas[i].Select(locate).OfType<Node>()]));
        }

        var bySlot = new Shard?[HashSlot.Count];
        var same = shards.Length == former.Shards.Length && shards.All(former.Shards.Contains);
        for (var slot = 0; slot < bySlot.Length; slot++)
        {
            bySlot[slot] = belief.OwnerOf(slot) is >= 0 and var owner ? shards[owner] : null;
            same = same && ReferenceEquals(bySlot[slot], former.Of(slot));
        }

        return same ? former : new(belief.Epoch, [.. shards.OrderBy(s => s.Index)], bySlot, ReferenceEquals(former, ClusterMap.Empty) ? null : former.Held);
    }

    private static List<BelievedNode>[] Replicas(Belief belief, List<BelievedNode> heads)
    {
        var replicas = heads.ConvertAll(_ => new List<BelievedNode>()).ToArray();
        foreach (var node in belief.Nodes.Values.Where(n => n.Said is { IsReplica: true, Failed: false } && !heads.Contains(n)).OrderBy(n => n.Said.Id, StringComparer.Ordinal))
        {
            // After a failover a replica may follow, for a moment, one that has become a replica itself.
            var head = node;
            for (var hop = 0; hop < MaxChain && head is { Said.MasterId: { } master } && !heads.Contains(head); hop++)
                head = belief.Nodes.GetValueOrDefault(master);
            if (head is not null && heads.IndexOf(head) is >= 0 and var index)
                replicas[index].Add(node);
        }

        return replicas;
    }

    // A shard is the same as long as its head was its head, else one of its replicas became its head, else any server is still there.
    private int[] Number(List<BelievedNode> heads, List<BelievedNode>[] replicas)
    {
        var indexes = new int[heads.Count];
        Array.Fill(indexes, -1);
        var taken = new HashSet<int>();
        for (var pass = 0; pass < 3; pass++)
        {
            for (var i = 0; i < indexes.Length; i++)
            {
                var ids = pass == 2 ? replicas[i].Select(r => r.Said.Id) : [heads[i].Said.Id];
                foreach (var id in ids)
                {
                    if (indexes[i] < 0 && (pass > 0 || _heads.Contains(id)) && _shardOf.TryGetValue(id, out var index) && taken.Add(index))
                        indexes[i] = index;
                }
            }
        }

        var next = 0;
        _heads = [.. heads.Select(h => h.Said.Id)];
        _shardOf = [];
        for (var i = 0; i < indexes.Length; i++)
        {
            for (; indexes[i] < 0; next++)
            {
                if (taken.Add(next))
                    indexes[i] = next;
            }

            foreach (var member in replicas[i].Append(heads[i]))
                _shardOf[member.Said.Id] = indexes[i];
        }

        return indexes;
    }

    private static Shard Reuse(ClusterMap former, Shard shard)
    {
        foreach (var known in former.Shards)
        {
            if (known.Index == shard.Index && known.Master == shard.Master && known.Replicas.AsSpan().SequenceEqual(shard.Replicas))
                return known;
        }

        return shard;
    }
}
