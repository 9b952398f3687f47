using System.Collections.Immutable;

namespace RedisTopology.Core.Topology;

/// <summary>
/// What a Redis server said of itself and of its peers. It exists only for a server that answered and proved, with the cluster's
/// password and its announced hostname, that it is the pod it was asked as: planning never acts on a stranger.
/// </summary>
public sealed record ObservedNode
{
    /// <summary>Its 40-character node id.</summary>
    public required string Id { get; init; }

    /// <summary>Its role in its own eyes.</summary>
    public required NodeRole Role { get; init; }

    /// <summary>The id of the master it replicates; null for a master.</summary>
    public string? MasterId { get; init; }

    /// <summary>
    /// A replica's <c>master_host</c>: the address it really replicates from. It can differ from the address of that master in
    /// <c>CLUSTER NODES</c>, and then the link stays down although gossip looks healthy.
    /// </summary>
    public string? MasterHost { get; init; }

    /// <summary>A replica's <c>master_link_status:up</c>; true for a master.</summary>
    public bool LinkUp { get; init; } = true;

    /// <summary>The slots it claims for itself.</summary>
    public SlotSet Slots { get; init; } = SlotSet.Empty;

    /// <summary>The epoch its own slots were configured under; 0 when it never had any.</summary>
    public long ConfigEpoch { get; init; }

    /// <summary>The greatest epoch it has seen.</summary>
    public long CurrentEpoch { get; init; }

    /// <summary><c>cluster_state:ok</c>.</summary>
    public bool ClusterOk { get; init; }

    /// <summary>The dataset is still being read from disk.</summary>
    public bool Loading { get; init; }

    /// <summary>Its last attempt to write its data to disk failed, as the line of <c>INFO</c> that says so; null when it did not.</summary>
    public string? DiskTrouble { get; init; }

    /// <summary>Replication offset in bytes: <c>master_repl_offset</c> of a master, <c>slave_repl_offset</c> of a replica.</summary>
    public long Offset { get; init; }

    /// <summary>Number of keys.</summary>
    public long Keys { get; init; }

    /// <summary><c>used_memory</c> in bytes.</summary>
    public long UsedMemory { get; init; }

    /// <summary><c>maxmemory</c> in bytes; 0 when there is no bound.</summary>
    public long MaxMemory { get; init; }

    /// <summary>The version of the engine; null when it does not say.</summary>
    public Version? Version { get; init; }

    /// <summary>The newest way of handing over slots that the server knows.</summary>
    public SlotMigration Migration { get; init; }

    /// <summary>The slots it holds to be on their way, from it or to it.</summary>
    public ImmutableArray<OpenSlot> OpenSlots { get; init; } = [];

    /// <summary>Atomic migrations under way of which it is the source or the target.</summary>
    public ImmutableArray<SlotMigrationJob> Jobs { get; init; } = [];

    /// <summary>Every other node in its <c>CLUSTER NODES</c>.</summary>
    public ImmutableArray<PeerView> Peers { get; init; } = [];

    /// <summary>Its view of the node with this id, if it has one.</summary>
    /// <param name="id">A node id.</param>
    /// <returns>The view, or null.</returns>
    public PeerView? Peer(string id)
    {
        foreach (var peer in Peers)
        {
            if (peer.Id == id)
                return peer;
        }

        return null;
    }
}
