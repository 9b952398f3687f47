namespace RedisTopology.Core.Topology;

/// <summary>
/// Somebody asks for another master of a shard. Fulfilled by being so: once <paramref name="From"/> is not the master any more, there is nothing left to do,
/// so that an order which is seen twice is not carried out twice.
/// </summary>
/// <param name="Shard">The shard's name.</param>
/// <param name="From">The pod that is to hand over; the order is for the time in which it is the master.</param>
/// <param name="To">The pod that is to take over; null for the best replica.</param>
public sealed record Switchover(string Shard, string From, string? To);
