namespace RedisTopology.Core.Topology;

/// <summary>A slot one server holds to be on its way, as <c>[slot->-id]</c> or <c>[slot-&lt;-id]</c> in its own line of <c>CLUSTER NODES</c>.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Importing">True at the target (<c>IMPORTING</c>), false at the source (<c>MIGRATING</c>).</param>
/// <param name="PeerId">The node id of the other end.</param>
public sealed record OpenSlot(int Slot, bool Importing, string PeerId);
