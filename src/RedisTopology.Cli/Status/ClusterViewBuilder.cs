using k8s.Models;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Servers;
using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Status;

/// <summary>Puts together what the CacheCluster's status, the pods and the servers say. Pure.</summary>
internal static class ClusterViewBuilder
{
    public static ClusterView Build(CacheClusterResource cluster, IReadOnlyList<V1Pod> pods, ServerReports reports)
    {
        var live = reports.ByPod.Count > 0;
        var status = cluster.Status;
        var names = (status.Shards ?? []).Select(s => s.Name)
            .Concat(pods.Select(ShardOf).Where(s => s.Length > 0)).Distinct().ToList();
        return new ClusterView
        {
            Name = cluster.Metadata.Name,
            Namespace = cluster.Metadata.Namespace,
            Phase = status.Phase,
            Engine = status.Engine,
            Ready = status.Ready,
            SlotsCovered = status.SlotsCovered,
            SpecPending = status.ObservedGeneration != cluster.Metadata.Generation,
            Source = live ? "servers" : "status",
            SourceNote = Note(reports, live),
            Shards = [.. names.Select(n => Shard(n, status.Shards?.Find(s => s.Name == n), [.. pods.Where(p => ShardOf(p) == n)], reports))],
            Migrations = [.. (status.Migrations ?? []).Select(m => new MigrationView(m.From, m.To, m.Slots, m.Moved ?? 0, m.Total ?? 0))],
            Conditions = [.. (status.Conditions ?? []).Select(c => new ConditionView(c.Type, c.Status, c.Reason, c.Message, c.LastTransitionTime))],
        };
    }

    private static string? Note(ServerReports reports, bool live) => live
        ? reports.Silent.Count > 0 ? string.Join("; ", reports.Silent.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}: {s.Value}")) : null
        : reports.WhyNone is { } why ? $"the servers could not be asked: {why}" : null;

    private static ShardView Shard(string name, CacheClusterResource.ShardStatusPart? status, IReadOnlyList<V1Pod> pods, ServerReports reports)
    {
        // Of two that call themselves master the one with the slots is it, as for the operator.
        var master = pods.Select(p => (Pod: p.Name(), Report: reports.ByPod.GetValueOrDefault(p.Name())))
            .Where(p => p.Report is { Role: NodeRole.Master }).OrderByDescending(p => p.Report!.Slots.Count).FirstOrDefault();
        var slots = master.Report?.Slots;
        var masterPod = master.Pod ?? status?.Master;
        var listed = pods.Select(p => p.Name()).Concat(status?.Replicas?.Select(r => r.Pod) ?? []).Concat(status?.Master is { } m ? [m] : []).Distinct();
        var servers = listed.Select(pod => Server(pod, pods.FirstOrDefault(p => p.Name() == pod), status, masterPod, master.Report, reports));
        return new ShardView
        {
            Name = name,
            Ranges = slots?.ToString() ?? string.Join(',', status?.Ranges ?? []),
            Slots = slots?.Count ?? status?.Slots ?? 0,
            Ready = status?.Ready,
            Servers = [.. servers.OrderBy(s => s.Role switch { "master" => 0, "replica" => 1, _ => 2 }).ThenBy(s => s.Pod, StringComparer.Ordinal)],
        };
    }

    private static ServerView Server(string name, V1Pod? pod, CacheClusterResource.ShardStatusPart? status, string? master, ServerReport? masterReport, ServerReports reports)
    {
        var report = reports.ByPod.GetValueOrDefault(name);
        var replica = status?.Replicas?.Find(r => r.Pod == name);
        var isMaster = name == master;
        var asked = report is not null || reports.Silent.ContainsKey(name);
        return new ServerView
        {
            Pod = name,
            Role = isMaster ? "master" : report?.Role == NodeRole.Replica || (report is null && replica is not null) ? "replica" : "unknown",
            Trouble = Trouble(pod, report, reports, isMaster, masterReport),
            Address = pod?.Status?.PodIP,
            Node = pod?.Spec?.NodeName,
            LagBytes = isMaster ? null : report is not null && masterReport is not null ? Math.Max(0, masterReport.Offset - report.Offset) : replica?.LagBytes,
            Link = isMaster ? null : report is not null ? (report.LinkUp ? "up" : "down") : asked ? "away" : replica?.Link,
            Keys = report?.Keys ?? (isMaster ? status?.Keys : null),
            UsedMemory = report?.UsedMemory ?? (isMaster ? status?.UsedMemory : null),
            MaxMemory = report?.MaxMemory,
            OpsPerSecond = report?.OpsPerSecond,
            Clients = report?.Clients,
            Restarts = pod?.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == PodShell.Container)?.RestartCount,
        };
    }

    private static string? Trouble(V1Pod? pod, ServerReport? report, ServerReports reports, bool isMaster, ServerReport? master)
    {
        if (pod is null)
            return "there is no such pod";
        if (pod.Metadata.DeletionTimestamp is not null)
            return "is being deleted";
        if (pod.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == PodShell.Container)?.State?.Waiting is { Reason: { } waiting } && waiting != "ContainerCreating")
            return waiting;
        if (pod.Status?.Conditions?.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" }) is { } unscheduled)
            return $"not scheduled: {unscheduled.Message}";
        if (report is null)
            return reports.ByPod.Count > 0 && reports.Silent.TryGetValue(pod.Name(), out var why) ? why : pod.Status?.Phase is "Running" ? null : pod.Status?.Phase;
        if (report.Loading)
            return "reads its data from disk";
        if (!report.ClusterOk)
            return "cluster_state is not ok";
        if (report is { Role: NodeRole.Master } && !isMaster)
            return "a master without a place";
        if (report.Role == NodeRole.Replica && !report.LinkUp)
            return "not connected to its master";
        return report.Role == NodeRole.Replica && master is not null && report.MasterId != master.Id ? "follows another master" : null;
    }

    private static string ShardOf(V1Pod pod) => pod.GetLabel(ClusterReader.ShardLabel) ?? "";
}
