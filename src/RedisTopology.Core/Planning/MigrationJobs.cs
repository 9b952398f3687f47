using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Atomic migrations under way.</summary>
internal static class MigrationJobs
{
    /// <summary>Each job once, although both ends tell of it, perhaps under different names.</summary>
    public static IEnumerable<SlotMigrationJob> Running(TopologyView view) => view.Live.All(p => p.Node!.Jobs.IsEmpty)
        ? []
        : view.Live.Where(p => p.Node!.Role == NodeRole.Master).SelectMany(p => p.Node!.Jobs.Select(job => (Pod: p, Job: job)))
            .GroupBy(j => (j.Job.SourceId, j.Job.TargetId, j.Job.Slots))
            .Select(g => g.OrderByDescending(j => j.Pod.Node!.Id == Orderer(j.Pod, j.Job)).First().Job)
            .OrderBy(j => j.SourceId, StringComparer.Ordinal).ThenBy(j => j.Slots.Ranges.IsEmpty ? 0 : j.Slots.Ranges[0].First);

    /// <summary>The server that was told to begin a job, if it is alive.</summary>
    public static ObservedPod? OrdererOf(SlotMigrationJob job, TopologyView view) =>
        view.LivePod(job.SourceId) is { Node.Migration: SlotMigration.FromSource } source ? source
        : view.LivePod(job.TargetId) is { Node.Migration: SlotMigration.ToTarget } target ? target
        : null;

    private static string Orderer(ObservedPod pod, SlotMigrationJob job) =>
        pod.Node!.Migration == SlotMigration.FromSource ? job.SourceId : job.TargetId;
}
