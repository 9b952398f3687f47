using Prometheus;
using RedisTopology.Core.Planning;

namespace RedisTopology.Operator;

/// <summary>The metrics of clusters; those of the process itself are the runtime's.</summary>
/// <param name="registry">Where they are registered.</param>
internal sealed class ClusterMetrics(CollectorRegistry registry)
{
    /// <summary>The prefix of every metric name.</summary>
    public const string Prefix = "redis_topology_operator_";

    private static readonly string[] ClusterLabels = ["namespace", "name"];

    private readonly MetricFactory _factory = Metrics.WithCustomRegistry(registry);

    public Gauge Shards => field ??= Cluster("shards", "Shards of the spec in force.");

    public Gauge Pods => field ??= Cluster("pods", "Pods of the spec in force.");

    public Gauge MaxMemory => field ??= Cluster("max_memory_bytes", "Memory the datasets of all masters may use, in bytes.");

    public Gauge SpecValid => field ??= Cluster("spec_valid", "1 while the spec is valid; 0 while it is not, and the last valid one is in force.");

    public Gauge ShardsReady => field ??= Cluster("shards_ready", "Shards whose master serves its slots and whose replicas are in sync.");

    public Gauge SlotsCovered => field ??= Cluster("slots_covered", "Hash slots served by a master that answers, of 16384.");

    public Gauge PodsReady => field ??= Cluster("pods_ready", "Pods in their role.");

    public Gauge Keys => field ??= Cluster("keys", "Keys on all masters.");

    public Gauge UsedMemory => field ??= Cluster("used_memory_bytes", "Memory used by all masters, in bytes.");

    public Gauge ReplicationLag => field ??= Cluster("replication_lag_bytes", "How far the furthest replica is behind its master, in bytes.");

    public Gauge SlotsToMove => field ??= Cluster("slots_to_move", "Hash slots that are still to be moved to another shard.");

    public Gauge MigrationProgress => field ??= Cluster("migration_progress_ratio", "The part of the slots on their way that has arrived, 0 to 1; 1 while none are.");

    public Gauge PodsOutdated => field ??= Cluster("pods_outdated", "Pods that are to be replaced.");

    public Gauge CertificateEnd => field ??= Cluster("certificate_expiry_timestamp_seconds", "When the servers' certificate expires, in seconds since 1970; only of clusters that speak TLS.");

    public Counter Failovers => field ??= _factory.CreateCounter(
        Prefix + "failovers_total", "Promotions ordered by the operator: graceful; forced, by an election; takeover.", [.. ClusterLabels, "kind"]);

    public Counter MasterChanges => field ??= _factory.CreateCounter(
        Prefix + "master_changes_total", "Changes of a shard's master that were seen, whoever ordered them.", ClusterLabels);

    public Counter SlotsMoved => field ??= _factory.CreateCounter(Prefix + "slots_moved_total", "Hash slots handed from one master to another.", ClusterLabels);

    public Counter KeysMoved => field ??= _factory.CreateCounter(Prefix + "keys_moved_total", "Keys handed over with MIGRATE.", ClusterLabels);

    public Histogram MigrateDuration => field ??= _factory.CreateHistogram(
        Prefix + "migrate_duration_seconds",
        "How long one MIGRATE took, for which its source stood still, in seconds.",
        ClusterLabels,
        new HistogramConfiguration { Buckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 2.5] });

    public Counter Restarts => field ??= _factory.CreateCounter(
        Prefix + "pod_restarts_total", "Pods replaced by the operator's hand.", ClusterLabels);

    public Counter Resizes => field ??= _factory.CreateCounter(
        Prefix + "pod_resizes_total", "Pods resized in place.", ClusterLabels);

    private Counter[] CountersOfClusters => [MasterChanges, SlotsMoved, KeysMoved, Restarts, Resizes];

    private static IEnumerable<string> FailoverKinds => Enum.GetNames<FailoverKind>().Select(k => k.ToLowerInvariant());

    /// <summary>Lets a cluster's counters begin with 0: of a series that begins with its first event, Prometheus' <c>increase</c> does not see that one.</summary>
    /// <param name="labels">Namespace and name of the cluster.</param>
    public void Begin(string[] labels)
    {
        foreach (var counter in CountersOfClusters)
            counter.WithLabels(labels);
        foreach (var kind in FailoverKinds)
            Failovers.WithLabels([.. labels, kind]);
    }

    /// <summary>The same for the times of a cluster's moves: most clusters never move a slot, and these are many series.</summary>
    /// <param name="labels">Namespace and name of the cluster.</param>
    public void BeginMoves(string[] labels) => MigrateDuration.WithLabels(labels);

    /// <summary>Drops the series of a cluster that is gone.</summary>
    /// <param name="key">The cluster.</param>
    public void Forget(ObjectKey key)
    {
        foreach (var gauge in new[] { Shards, Pods, MaxMemory, SpecValid, ShardsReady, SlotsCovered, PodsReady, Keys, UsedMemory, ReplicationLag, SlotsToMove, MigrationProgress, PodsOutdated, CertificateEnd })
            gauge.RemoveLabelled(key.Namespace, key.Name);
        foreach (var counter in CountersOfClusters)
            counter.RemoveLabelled(key.Namespace, key.Name);
        foreach (var kind in FailoverKinds)
            Failovers.RemoveLabelled(key.Namespace, key.Name, kind);
        MigrateDuration.RemoveLabelled(key.Namespace, key.Name);
    }

    private Gauge Cluster(string name, string help) => _factory.CreateGauge($"{Prefix}cluster_{name}", help, ClusterLabels);
}
