namespace RedisTopology.Core.Planning;

/// <summary>Something a plan is waiting for.</summary>
/// <param name="Reason">The kind.</param>
/// <param name="Shard">The shard concerned; null when it is the whole cluster.</param>
/// <param name="Message">A sentence that names the shard and the pod, for a condition.</param>
public sealed record PlanWait(WaitReason Reason, string? Shard, string Message);
