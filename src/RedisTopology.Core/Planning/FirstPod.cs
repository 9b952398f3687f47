using System.Globalization;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// A roll starts with one pod of the whole cluster, its canary. What cannot be started, or does not follow its master, shows in that one and costs no more; once a pod is ready and in sync
/// as the spec says, the shards go on side by side.
/// </summary>
internal static class FirstPod
{
    /// <summary>Whether what the spec says has been seen to work in some pod of the cluster, a temporary replica or one of a new shard among them.</summary>
    /// <param name="desired">What is asked for, with temporary replicas.</param>
    /// <param name="view">The reading.</param>
    public static bool IsProven(DesiredTopology desired, TopologyView view) =>
        desired.Shards.Any(s => Wholeness.Pods(s, view).Any(p => p is { Terminating: false, Size: PodSize.Fits } && RollStage.Reason(p) is null && Serves(p, view)));

    /// <summary>
    /// A pod that is on its way to be as the spec says, as a subject: whatever becomes of it is waited for before another is tried. One on a lost machine may be on its way for ever, and
    /// so may a temporary one that no place is found for.
    /// </summary>
    /// <param name="spec">What is asked for.</param>
    /// <param name="desired">The same with temporary replicas.</param>
    /// <param name="view">The reading.</param>
    /// <returns>The pod, or null.</returns>
    public static string? OnItsWay(DesiredTopology spec, DesiredTopology desired, TopologyView view)
    {
        foreach (var (shard, index) in desired.Shards.Select((s, i) => (s, i)))
        {
            var pods = TemporaryReplicas.HasNoPlace(spec.Shards[index], view) ? spec.Shards[index].Pods : shard.Pods;
            for (var ordinal = 0; ordinal < pods; ordinal++)
            {
                var pod = view.Pod(shard.Name, ordinal);
                if (pod is null)
                    return string.Create(CultureInfo.InvariantCulture, $"pod {ordinal} of shard {shard.Name}");
                if (!pod.OnLostNode && IsOnItsWay(pod, view))
                    return pod.Name;
            }
        }

        return null;
    }

    /// <summary>Whether a shard has a pod to be replaced that answers and does not serve: what a spec left behind that did not work costs nothing more.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="view">The reading.</param>
    public static bool HasFailed(DesiredShard shard, TopologyView view) => Wholeness.Pods(shard, view).Any(p => p.Node is not null && RollStage.Reason(p) is not null && !Serves(p, view));

    /// <summary>One that must be replaced is when it never had a role: it was made while the spec was another, and is replaced as soon as it is known not to run.</summary>
    private static bool IsOnItsWay(ObservedPod pod, TopologyView view) =>
        pod.Terminating || (RollStage.Reason(pod) is null ? !Serves(pod, view) : pod is { Node: null, RoleLabel: null, Ready: false });

    private static bool Serves(ObservedPod pod, TopologyView view) =>
        pod is { Healthy: true, Node.Loading: false } && view.MasterOf(pod.Shard) is { } master && (pod == master || Copies.InSync(pod, master));
}
