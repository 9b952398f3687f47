using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// A shard without replicas has one while its pod is replaced: the data have nowhere else to be meanwhile. To the other stages it is a shard with a replica,
/// until its pod is as the spec says; then <see cref="TidyingStage"/> moves the mastership back and removes the temporary pod.
/// </summary>
internal static class TemporaryReplicas
{
    /// <summary>How long a place for the temporary pod is looked for. Schedulers retry within seconds; adding a machine takes a minute or two.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The topology with a replica more where one is needed for now: one shard at a time, for want of room and because a bad image shows at the first.</summary>
    public static DesiredTopology Add(DesiredTopology desired, TopologyView view)
    {
        if (!RollStage.IsNeeded(view))
            return desired;
        var needing = desired.Shards.Where(s => s.Replicas == 0 && NeedsOne(s, view)).ToList();
        var having = needing.Where(s => ScaledTo(s, view) > s.Pods).ToList();
        if (having.Count == 0 && view.Observed.StaleObjects.IsEmpty)
            having.AddRange(needing.Where(s => MaxMemoryStage.Obstacle(desired, s, view) is null).Take(1));
        return having.Count == 0
            ? desired
            : desired with { Shards = [.. desired.Shards.Select(s => having.Contains(s) ? s with { Replicas = StandIn(s, view)?.Ordinal ?? 1 } : s)] };
    }

    /// <summary>Where there is no place for the temporary pod, one beside it that was to be removed and holds the data. Null when there is none.</summary>
    private static ObservedPod? StandIn(DesiredShard spec, TopologyView view) => HasNoPlace(spec, view) && view.MasterOf(spec.Name) is { } master
        ? view.Live.FirstOrDefault(p => p.Shard == spec.Name && p.Ordinal > spec.Pods && !p.Terminating && (p == master || Copies.InSync(p, master)))
        : null;

    /// <summary>
    /// There is no place for the temporary pod of a shard, and none is coming. A pod that has a place and does not start is another matter: the pod it stands in
    /// for would not start either.
    /// </summary>
    /// <param name="spec">The shard as the spec has it.</param>
    /// <param name="view">The reading.</param>
    public static bool HasNoPlace(DesiredShard spec, TopologyView view)
    {
        if (spec.Replicas != 0 || ScaledTo(spec, view) <= spec.Pods)
            return false;
        var pod = view.Pod(spec.Name, spec.Pods);
        return pod is null
            ? view.Observed.Shards.First(s => s.Name == spec.Name).ShortFor >= Patience
            : pod is { Node: null, Unschedulable: true } && pod.SilentFor >= Patience;
    }

    private static bool NeedsOne(DesiredShard shard, TopologyView view) =>
        view.MasterOf(shard.Name) is not null && Wholeness.Pods(shard, view).Any(p => p is { Node: not null, Terminating: false } && RollStage.Reason(p) is not null);

    private static int ScaledTo(DesiredShard shard, TopologyView view) => view.Observed.Shards.FirstOrDefault(s => s.Name == shard.Name)?.Pods ?? 0;
}
