namespace RedisTopology.Operator.Entities;

// Here and below, an explicit null (which an API server stores where it has no schema, and a person can write into the accepted spec) is as good as absence.
[Description("What the cluster should be.")]
[ValidationRule("self.engine.type == oldSelf.engine.type", message: Rules.EngineTypeImmutable)]
[ValidationRule("(self.persistence.mode == 'None') == (oldSelf.persistence.mode == 'None')", message: Rules.PersistenceImmutable)]
[ValidationRule("(has(self.auth.existingSecret) ? self.auth.existingSecret : '') == (has(oldSelf.auth.existingSecret) ? oldSelf.auth.existingSecret : '')", message: Rules.AuthImmutable)]
[ValidationRule("self.tls.enabled == oldSelf.tls.enabled", message: Rules.TlsImmutable)]
[ValidationRule("self.failover.durability != 'Bounded' || (has(self.sharding.shards) ? self.sharding.shards.all(s, (has(s.replicas) ? s.replicas : self.replicas) >= 2) : self.replicas >= 2)", message: Rules.BoundedNeedsReplicas)]
public sealed class CacheClusterSpec
{
    [Description("The server that runs in the pods. A change of version or image replaces them one after another: replicas first, each master after it has handed over.")]
    [DefaultValue("{}", Json = true)]
    public EngineSpec Engine { get; set => field = value ?? new(); } = new();

    [Required]
    [Description("The vertical size of every pod. A change is made in place where Kubernetes can (1.33 and newer), else by replacing the pods one after another.")]
    public SizeSpec Size { get; set => field = value ?? new(); } = new();

    [Description("Replicas per shard, beside its master. Replicas serve reads and take over when the master fails. The scale subresource changes this field.")]
    [DefaultValue(1)]
    [RangeMinimum(0)]
    [RangeMaximum(Rules.MaxReplicas)]
    public int Replicas { get; set; } = 1;

    [Required]
    [Description("How keys are divided among shards.")]
    public ShardingSpec Sharding { get; set => field = value ?? new(); } = new();

    [Description("How failures are noticed and what a cut-off master may do. Changed while the servers run.")]
    [DefaultValue("{}", Json = true)]
    public FailoverSpec Failover { get; set => field = value ?? new(); } = new();

    [Description("What the servers keep of their data when their pods go.")]
    [DefaultValue("{}", Json = true)]
    public PersistenceSpec Persistence { get; set => field = value ?? new(); } = new();

    [Description("The password of the cluster. A change of the Secret that holds it is carried out while everything runs: the servers accept both passwords for a while.")]
    [DefaultValue("{}", Json = true)]
    public AuthSpec Auth { get; set => field = value ?? new(); } = new();

    [Description("Encryption on the wire. The authority that clients are to trust is in the ConfigMap CLUSTER-sidecar under the key ca.crt, and servers are verified under the name CLUSTER.NAMESPACE.svc.")]
    [DefaultValue("{}", Json = true)]
    public TlsSpec Tls { get; set => field = value ?? new(); } = new();

    [Description("Settings of redis.conf by name, values as texts. Those that can be are set while the servers run; others replace the pods one after another. Settings the operator owns are refused by name: see docs/reference/config-keys.md.")]
    [PropertyLimits(maxProperties: Rules.MaxSettings)]
    public IDictionary<string, string>? Config { get; set; }

    [Description("Where pods may run. A change applies to pods that are created after it.")]
    [DefaultValue("{}", Json = true)]
    public SchedulingSpec Scheduling { get; set => field = value ?? new(); } = new();

    [Description("What sidecars of this cluster do. It is written to the ConfigMap CLUSTER-sidecar, and sidecars that mount it take up its changes while they run.")]
    [DefaultValue("{}", Json = true)]
    public SidecarSpec Sidecar { get; set => field = value ?? new(); } = new();

    [Description("Observe and report, but change nothing: no objects, no pods, no Redis commands.")]
    [DefaultValue(false)]
    public bool Paused { get; set; }
}
