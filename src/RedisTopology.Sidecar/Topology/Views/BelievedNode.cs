namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>A server as it is believed to be.</summary>
/// <param name="Said">What the most credible view says of it.</param>
/// <param name="Addresses">Where it may be reached, the most credible first: after a move, some servers still tell the old address.</param>
/// <param name="Epoch">The newest epoch of its claim on slots that any view tells.</param>
internal sealed record BelievedNode(ViewNode Said, IReadOnlyList<NodeAddress> Addresses, long Epoch);
