using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Status;

/// <summary>
/// Report: the status from an observation. A pure function, and a calm one: figures that move all the time are repeated as they were until they have moved by
/// more than a tenth, so that a cluster in steady state is not written to.
/// </summary>
internal static class StatusBuilder
{
    /// <summary>Replication lag below this is reported as none, bytes.</summary>
    private const long LagUnit = 1024 * 1024;

    /// <summary>So many ranges of ids are named for each shard, and the text has at most so many characters.</summary>
    private const int MostNamed = 4;
    private const int LongestIds = 256;

    /// <summary>The phase while pods are replaced, one at a time in each shard.</summary>
    private const string Upgrading = "Upgrading";

    /// <summary>The phase while slots move.</summary>
    private const string Resharding = "Resharding";

    /// <summary>The phase while pods become more or fewer.</summary>
    private const string Scaling = "Scaling";

    /// <summary>Builds the status.</summary>
    /// <param name="report">What is known.</param>
    /// <param name="former">The status as last written.</param>
    /// <param name="now">The time, for transitions.</param>
    /// <returns>The status.</returns>
    public static CacheClusterStatus Build(Report report, CacheClusterStatus former, DateTime now)
    {
        var status = report is { Definition: { } definition, Observed: { } observed }
            ? Observed(definition, observed, report.Plan, former)
            : new CacheClusterStatus { Phase = "Pending" };
        status.Migrations = Migrations.Build(report, former.Migrations);
        status.ObservedGeneration = report.Cluster.Metadata.Generation;
        if (report.Cluster.Spec.Paused && report.Definition is not null)
            status.Phase = "Paused";
        if (report.Problems.Length > 0)
            status.Phase = "Invalid";
        status.Conditions = Conditions.Build(report, status, former.Conditions, now);
        return status;
    }

    /// <summary>Whether a pod does what it is there for: a master that serves its shard's slots, or a replica in sync with it.</summary>
    /// <param name="view">The observation.</param>
    /// <param name="pod">A pod of it.</param>
    /// <returns>True when it does.</returns>
    public static bool InRole(TopologyView view, ObservedPod pod) =>
        pod is { Node: { Loading: false, ClusterOk: true } node, Terminating: false } && view.MasterOf(pod.Shard) is { } master
        && (pod == master || (node.Role == NodeRole.Replica && node.MasterId == master.Node!.Id && node.LinkUp));

    private static CacheClusterStatus Observed(ClusterDefinition definition, ObservedTopology observed, TopologyPlan? plan, CacheClusterStatus former)
    {
        var view = TopologyView.Of(observed, definition.Topology);
        var leaving = observed.Shards.Where(s => definition.Topology.Shards.All(d => d.Name != s.Name)).Select(s => new DesiredShard(s.Name, SlotSet.Empty, s.Pods - 1));
        var shards = definition.Topology.Shards.Concat(leaving).Select(s => Shard(s, view, definition.Keys.Tablets, former.Shards?.FirstOrDefault(f => f.Name == s.Name))).ToList();
        var wanted = definition.Topology.Shards.Sum(s => s.Pods);
        var inRole = definition.Topology.Shards.Sum(s => ReadyPods(s, view));
        var covered = view.Live.Sum(p => view.SlotsOf(p.Node!.Id).Count);
        return new CacheClusterStatus
        {
            Phase = Phase(definition, view, plan, covered, inRole, wanted, former),
            Engine = $"{definition.Spec.Engine.Type} {definition.Spec.Engine.Version}",
            ShardCount = definition.Topology.Shards.Length,
            Masters = definition.Topology.Shards.Count(s => view.MasterOf(s.Name) is not null),
            Ready = Ratio(inRole, wanted),
            SlotsCovered = Ratio(covered, HashSlot.Count),
            Ids = definition.Keys.IsKeyRange ? IdsOfShards(shards) : null,
            Pods = observed.Pods.Length,
            ReplicasPerShard = observed.Shards.Length == 0 ? 0 : observed.Shards.Min(s => s.Pods) - 1,
            Selector = string.Join(',', Labels.Selector(definition.Name, role: NodeRole.Replica).Select(l => $"{l.Key}={l.Value}")),
            Shards = shards,
        };
    }

    private static string Phase(ClusterDefinition definition, TopologyView view, TopologyPlan? plan, int covered, int inRole, int wanted, CacheClusterStatus former)
    {
        if (view.OwnedSlots.IsEmpty)
            return view.Live.IsEmpty ? "Pending" : "Forming";

        // Nothing that was there is missing from a cluster that was never complete.
        var forming = former.Phase is "Pending" or "Forming";
        if (covered < HashSlot.Count)
            return forming ? "Forming" : "Degraded";
        var observed = view.Observed;
        var wrongCount = definition.Topology.Shards.Any(s => observed.Shards.FirstOrDefault(o => o.Name == s.Name)?.Pods != s.Pods)
            || observed.Pods.Length != wanted;
        if (forming)
            return !wrongCount && inRole == wanted ? "Ready" : "Forming";

        // A pod that is missing by the operator's own hand is no damage; one more is.
        var operation = plan is null ? null : Operation(plan);
        if (operation is not null && (wrongCount || inRole >= wanted - (operation == Upgrading ? definition.Topology.Shards.Length : 0)))
            return operation;

        // Nothing is left to replace, but the last one is not back yet.
        if (former.Phase == Upgrading && !wrongCount && inRole == wanted - 1)
            return Upgrading;
        return wrongCount || (inRole < wanted && Grows(former, inRole, wanted)) ? Scaling : inRole == wanted ? "Ready" : "Degraded";
    }

    /// <summary>Whether those that are not in their role yet are new: as many are in it as before, and more are wanted. A pod that was never there is not missing.</summary>
    private static bool Grows(CacheClusterStatus former, int inRole, int wanted) =>
        former.Ready?.Split('/') is [var before, var of] && int.TryParse(before, CultureInfo.InvariantCulture, out var wasInRole) && inRole >= wasInRole
        && (former.Phase is Scaling or Resharding || (former.Phase == "Ready" && int.TryParse(of, CultureInfo.InvariantCulture, out var wasWanted) && wanted > wasWanted));

    /// <summary>The change that is going on, the most far-reaching first.</summary>
    private static string? Operation(TopologyPlan plan)
    {
        if (plan.Steps.Any(s => s is PlanStep.MoveSlots) || Waits(WaitReason.SlotsMoving, WaitReason.SlotBlocked, WaitReason.TargetFull, WaitReason.ShardLeaving))
            return Resharding;
        if (Waits(WaitReason.Rolling))
            return Upgrading;
        return Waits(WaitReason.Resizing, WaitReason.DatasetTooLarge) ? "Resizing" : null;

        bool Waits(params ReadOnlySpan<WaitReason> reasons)
        {
            foreach (var wait in plan.Waits)
            {
                if (reasons.Contains(wait.Reason))
                    return true;
            }

            return false;
        }
    }

    private static ShardStatus Shard(DesiredShard shard, TopologyView view, Tablets? tablets, ShardStatus? former)
    {
        var master = view.MasterOf(shard.Name);
        var slots = master is null ? SlotSet.Empty : view.SlotsOf(master.Node!.Id);
        var replicas = view.Observed.Pods.Where(p => p.Shard == shard.Name && p != master);
        return new ShardStatus
        {
            Name = shard.Name,
            Ranges = [.. slots.Ranges.Select(r => r.ToString())],
            Ids = tablets is null ? null : [.. tablets.Ids(slots).Select(r => r.ToString())],
            Slots = slots.Count,
            Master = master?.Name,
            Ready = Ratio(ReadyPods(shard, view), shard.Pods),
            Replicas = [.. replicas.Select(p => Replica(p, master, former?.Replicas?.FirstOrDefault(f => f.Pod == p.Name)))],
            UsedMemory = Calm(master?.Node?.UsedMemory, former?.UsedMemory),
            Keys = Calm(master?.Node?.Keys, former?.Keys),
        };
    }

    /// <summary>For a column that a person reads: what is too long for it is in the shards' own status.</summary>
    private static string IdsOfShards(List<ShardStatus> shards)
    {
        var text = string.Join(' ', shards.Select(s => s.Ids is { Count: > 0 } ids ? $"{s.Name}:{string.Join(',', ids.Take(MostNamed))}{(ids.Count > MostNamed ? ",..." : "")}" : $"{s.Name}:none"));
        return text.Length <= LongestIds ? text : text[..(LongestIds - 3)] + "...";
    }

    private static ReplicaStatus Replica(ObservedPod pod, ObservedPod? master, ReplicaStatus? former)
    {
        if (pod.Node is not { } node || master?.Node is not { } leader)
            return new ReplicaStatus { Pod = pod.Name, Link = pod.Node is null ? "away" : "down" };
        var follows = node.MasterId == leader.Id && node.LinkUp;
        return new ReplicaStatus
        {
            Pod = pod.Name,
            Link = follows ? "up" : "down",
            LagBytes = follows ? Calm(Math.Max(0, leader.Offset - node.Offset) / LagUnit * LagUnit, former?.LagBytes) : null,
        };
    }

    private static int ReadyPods(DesiredShard shard, TopologyView view) =>
        view.Live.Count(p => p.Shard == shard.Name && p.Ordinal < shard.Pods && InRole(view, p));

    private static string Ratio(int part, int whole) => string.Create(CultureInfo.InvariantCulture, $"{part}/{whole}");

    private static long? Calm(long? now, long? former) =>
        now is { } value && former is { } before && value != 0 && before != 0 && Math.Abs(value - before) <= before / 10 ? former : now;
}
