namespace RedisTopology.Sidecar.Topology;

/// <summary>A server in <see cref="TopologyReport"/>.</summary>
/// <param name="Node">Name or address, and port.</param>
/// <param name="Address">The address it is reached at.</param>
/// <param name="Id">Its id in the cluster; null when it has not told since it was connected to.</param>
/// <param name="Zone">Its zone; null when not known.</param>
/// <param name="Answers">Whether its last answer came in time.</param>
/// <param name="Trouble">Why it does not answer; null when it does.</param>
/// <param name="Refusal">Why the last connection for commands of clients could not be opened, or was lost; null when one has been opened since.</param>
/// <param name="HeardAgoMilliseconds">When it answered last; null for never.</param>
/// <param name="InSync">Of a replica, whether it may be read from; null of a master.</param>
/// <param name="LagMilliseconds">Of a replica: how old the newest state of its master was that it surely had when it was heard last; null when not known, and of a master.</param>
public sealed record NodeReport(string Node, string Address, string? Id, string? Zone, bool Answers, string? Trouble, string? Refusal, long? HeardAgoMilliseconds, bool? InSync, long? LagMilliseconds);
