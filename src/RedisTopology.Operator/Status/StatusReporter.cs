using System.Text.Json;
using System.Text.Json.Nodes;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Status;

/// <summary>Writes the status when it differs from what was written last, and tells of what happened without the operator's doing.</summary>
[EntityRbac(typeof(CacheCluster), Subresources = ["status"], Verbs = RbacVerb.Patch)]
internal sealed class StatusReporter(IApplier applier, EventPublisher events, ClusterMetrics metrics, TimeProvider time)
{
    /// <summary>Reports.</summary>
    /// <param name="report">What is known.</param>
    /// <param name="state">What is kept of the cluster.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    public async Task ReportAsync(Report report, ClusterState state, CancellationToken cancellationToken)
    {
        await TellAsync(report, state, cancellationToken);
        Measure(report);

        // The cached entity may be older than this process's own last write.
        var former = state.ReportedStatus ?? report.Cluster.Status;
        var now = time.GetUtcNow().UtcDateTime;
        var status = StatusBuilder.Build(report, former, new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc));
        if (Same(status, former) && (state.ReportedStatus is null || Same(status, report.Cluster.Status)))
        {
            state.ReportedStatus = status;
            return;
        }

        var document = new CacheCluster
        {
            Metadata = new() { Name = report.Cluster.Metadata.Name, NamespaceProperty = report.Cluster.Metadata.NamespaceProperty },
            Status = status,
        };
        await applier.ApplyAsync(document, ApplyOptions.Status, cancellationToken);
        state.ReportedStatus = status;
    }

    /// <summary>The master a shard had when it was last looked at, or, by an operator that has just taken over (the drain that moved the master may have evicted its predecessor), when it was last reported.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="state">What is kept of the cluster.</param>
    /// <param name="reported">The status.</param>
    /// <returns>The pod; null when it had none.</returns>
    internal static string? FormerMaster(string shard, ClusterState state, CacheClusterStatus reported) =>
        state.Masters.GetValueOrDefault(shard) ?? reported.Shards?.FirstOrDefault(s => s.Name == shard)?.Master;

    private async Task TellAsync(Report report, ClusterState state, CancellationToken cancellationToken)
    {
        var complaint = string.Join("; ", report.Problems);
        if (complaint.Length > 0 && complaint != SpecMessage(state.ReportedStatus ?? report.Cluster.Status))
            await events(report.Cluster, "SpecInvalid", complaint, EventType.Warning, cancellationToken);

        if (report is not { Definition: { } definition, Observed: { } observed, Plan: { } plan })
            return;
        var view = TopologyView.Of(observed);
        foreach (var shard in definition.Topology.Shards)
        {
            if (view.MasterOf(shard.Name) is not { } master)
                continue;

            var before = FormerMaster(shard.Name, state, report.Cluster.Status);
            if (before is { Length: > 0 } && before != master.Name)
            {
                metrics.MasterChanges.WithLabels(definition.Namespace, definition.Name).Inc();
                await events(report.Cluster, "MasterChanged", $"Shard {shard.Name}: the master is now {master.Name}, it was {before}", cancellationToken: cancellationToken);
            }

            state.Masters[shard.Name] = master.Name;
        }

        if (plan.IsSettled && !state.WasReady)
        {
            state.WasReady = true;
            if (report.Cluster.Status.Phase is not "Ready")
                await events(report.Cluster, "Ready", $"{observed.Pods.Length} pods serve {definition.Topology.Shards.Length} shards", cancellationToken: cancellationToken);
        }
        else if (!plan.IsSettled)
        {
            state.WasReady = false;
        }
    }

    private void Measure(Report report)
    {
        string[] labels = [report.Cluster.Metadata.NamespaceProperty, report.Cluster.Metadata.Name];
        metrics.Begin(labels);
        metrics.SpecValid.WithLabels(labels).Set(report.Problems.IsEmpty ? 1 : 0);
        if (report.Certificate is { } certificate)
            metrics.CertificateEnd.WithLabels(labels).Set(certificate.End.ToUnixTimeSeconds());
        if (report is not { Definition: { } definition, Observed: { } observed })
            return;
        metrics.Shards.WithLabels(labels).Set(definition.Topology.Shards.Length);
        metrics.Pods.WithLabels(labels).Set(definition.Topology.Shards.Sum(s => s.Pods));
        metrics.MaxMemory.WithLabels(labels).Set((double)definition.Sizing.MaxMemory * definition.Topology.Shards.Length);
        var view = TopologyView.Of(observed);
        var masters = definition.Topology.Shards.Select(s => view.MasterOf(s.Name)).OfType<ObservedPod>().ToList();
        metrics.PodsReady.WithLabels(labels).Set(observed.Pods.Count(p => StatusBuilder.InRole(view, p)));
        metrics.ShardsReady.WithLabels(labels).Set(definition.Topology.Shards.Count(s =>
            view.Live.Count(p => p.Shard == s.Name && p.Ordinal < s.Pods && StatusBuilder.InRole(view, p)) == s.Pods));
        var migrations = Migrations.Build(report, null) ?? [];
        var total = migrations.Sum(m => m.Total ?? 0);
        var moved = migrations.Sum(m => m.Moved ?? 0);
        metrics.SlotsToMove.WithLabels(labels).Set(total - moved);
        metrics.MigrationProgress.WithLabels(labels).Set(total == 0 ? 1 : (double)moved / total);
        metrics.PodsOutdated.WithLabels(labels).Set(observed.Pods.Count(p => p.Outdated is not null || p.Size == PodSize.CannotResize));
        metrics.SlotsCovered.WithLabels(labels).Set(view.Live.Sum(p => view.SlotsOf(p.Node!.Id).Count));
        metrics.Keys.WithLabels(labels).Set(masters.Sum(m => m.Node!.Keys));
        metrics.UsedMemory.WithLabels(labels).Set(masters.Sum(m => m.Node!.UsedMemory));
        metrics.ReplicationLag.WithLabels(labels).Set(view.Live
            .Where(p => p.Node is { Role: NodeRole.Replica, LinkUp: true } node && view.LivePod(node.MasterId) is not null)
            .Select(p => Math.Max(0, view.LivePod(p.Node!.MasterId)!.Node!.Offset - p.Node.Offset)).DefaultIfEmpty(0).Max());
    }

    private static string? SpecMessage(CacheClusterStatus status) =>
        status.Conditions?.FirstOrDefault(c => c is { Type: Conditions.SpecValid, Status: "False" })?.Message;

    private static bool Same(CacheClusterStatus one, CacheClusterStatus other) =>
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(one, ApiJson.Options), JsonSerializer.SerializeToNode(other, ApiJson.Options));
}
