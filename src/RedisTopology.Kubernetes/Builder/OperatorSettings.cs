using System.Net;
using k8s;

namespace RedisTopology.Kubernetes;

/// <summary>The settings of an operator process.</summary>
public sealed class OperatorSettings
{
    /// <summary>The operator's name: its field manager, the source of its events, its lease, its user agent. A DNS label.</summary>
    public string Name { get; set; } = "kubernetes-operator";

    /// <summary>Namespaces to watch; empty (the default) for all.</summary>
    public IList<string> WatchNamespaces { get; } = [];

    /// <summary>How to reach the API server; the default is the pod's service account, else the kubeconfig.</summary>
    public Func<KubernetesClientConfiguration> ClientConfiguration { get; set; } = KubernetesClientConfiguration.BuildDefaultConfig;

    /// <summary>Requests a second that are sent without waiting, watches apart; beyond, they queue. 100: a bound against runaway loops, not a throttle (API priority and fairness is that).</summary>
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>How long any request but a watch may take. 30 s.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether instances elect a leader. <see cref="LeaderElectionType.Single"/> by default.</summary>
    public LeaderElectionType LeaderElectionType { get; set; } = LeaderElectionType.Single;

    /// <summary>The namespace of the lease; null (the default) for the pod's own: <c>POD_NAMESPACE</c>, the service account's, else <c>default</c>.</summary>
    public string? Namespace { get; set; }

    /// <summary>How long a lease that is not renewed keeps others away. 15 s.</summary>
    public TimeSpan LeaderElectionLeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader tries to renew before it stops leading; must be shorter than the lease duration. 10 s.</summary>
    public TimeSpan LeaderElectionRenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between attempts to take or renew the lease. 2 s.</summary>
    public TimeSpan LeaderElectionRetryPeriod { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The identity of this instance in the lease; null (the default) for host name and a random part.</summary>
    public string? LeaderElectionIdentity { get; set; }

    /// <summary>Which changes of the controlled entity wake its controller. <see cref="ReconcileStrategy.ByGeneration"/> by default.</summary>
    public ReconcileStrategy ReconcileStrategy { get; set; } = ReconcileStrategy.ByGeneration;

    /// <summary>Whether finalizers are put on entities before their first reconciliation. True by default.</summary>
    public bool AutoAttachFinalizers { get; set; } = true;

    /// <summary>Whether a finalizer that succeeded is taken off. True by default.</summary>
    public bool AutoDetachFinalizers { get; set; } = true;

    /// <summary>Reconciliations at once per controller, one per entity. 8.</summary>
    public int MaxParallelReconciliations { get; set; } = 8;

    /// <summary>The first delay after a failed reconciliation; doubles with each failure of the same entity. 100 ms.</summary>
    public TimeSpan MinRetryDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest delay after failed reconciliations. 60 s.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long running reconciliations may finish after SIGTERM. 20 s: less than the usual 30 s of grace, so that the lease is still released.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>A reconciliation that runs this long counts as stuck and fails <c>/livez</c>. 10 minutes.</summary>
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Prefix of all metric names, ending in an underscore. <c>kubernetes_operator_</c> by default.</summary>
    public string MetricsPrefix { get; set; } = "kubernetes_operator_";

    /// <summary>Where <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c> listen. Any address by default.</summary>
    public IPAddress HttpAddress { get; set; } = IPAddress.Any;

    /// <summary>The port of <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>; 0 for any free one, negative for none. 8080.</summary>
    public int HttpPort { get; set; } = 8080;
}
