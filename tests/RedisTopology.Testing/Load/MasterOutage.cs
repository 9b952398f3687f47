namespace RedisTopology.Testing.Load;

/// <summary>What the clients of a sidecar saw of the loss of a master.</summary>
/// <param name="Reformed">From the loss until every server left agreed on a new master.</param>
/// <param name="AfterReformed">From then until every client had had a write acknowledged.</param>
/// <param name="Outage">The longest time any client was without an acknowledged write.</param>
public sealed record MasterOutage(TimeSpan Reformed, TimeSpan AfterReformed, TimeSpan Outage);
