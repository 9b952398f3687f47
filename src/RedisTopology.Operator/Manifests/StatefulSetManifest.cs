using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>
/// The StatefulSet of a shard: its master and its replicas, which are alike until the operator tells them apart. Pods start in parallel, and none is
/// ever restarted by the StatefulSet itself, which cannot know which of them is the master.
/// </summary>
internal static class StatefulSetManifest
{
    public const int RedisPort = 6379;
    public const int BusPort = 16379;
    public const string Container = "redis";

    /// <summary>Where a pod has the certificate.</summary>
    public const string CertificateFolder = "/tls";

    private const string ZoneKey = "topology.kubernetes.io/zone";
    private const string NodeKey = "kubernetes.io/hostname";

    /// <summary>The ordinal of a pod, on pods of a StatefulSet since Kubernetes 1.28.</summary>
    private const string PodIndexLabel = "apps.kubernetes.io/pod-index";

    /// <summary>Of at most 100.</summary>
    private const int SiblingWeight = 100;

    /// <summary>So little that ten first pods on a node do not outweigh one of the same shard.</summary>
    private const int FirstPodWeight = 10;

    /// <summary>For the owner and the group, which is the server's.</summary>
    private const int SecretMode = 0b100_100_000;

    /// <summary>The user of the official images, and a group that owns the volumes.</summary>
    private const long UserId = 999;

    /// <summary>The volume, and the claim, of a server's data.</summary>
    public const string DataVolume = "data";

    /// <summary>Hand-over (at most 10 s and a half), then the server's own wait for its replicas (shutdown-timeout, 10 s), and slack.</summary>
    private const int GraceSeconds = 30;

    /// <summary>And with persistence the last snapshot, seconds for each GiB of the dataset: slow disks take 100 MiB/s.</summary>
    private const int GraceSecondsPerGiB = 10;

    /// <summary>
    /// How long a server may take to answer at all, seconds: the entry script may hold it back for an election, and the image may start slowly.
    /// </summary>
    private const int StartupSeconds = 300;

    public static V1StatefulSet Build(ClusterDefinition definition, ResourceNames names, DesiredShard shard) => new()
    {
        Metadata = ClusterManifests.Meta(definition, names.StatefulSet(shard.Name), shard.Name),
        Spec = new V1StatefulSetSpec
        {
            ServiceName = names.NodesService,
            PodManagementPolicy = "Parallel",
            UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "OnDelete" },
            Selector = new V1LabelSelector { MatchLabels = Labels.Selector(definition.Name, shard.Name) },
            VolumeClaimTemplates = definition.Topology.PersistsData ? [Claim(definition, shard.Name)] : null,
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta
                {
                    Labels = Labels.Of(definition.Name, shard.Name),
                    Annotations = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Labels.StartedWith] = StartSettings.Of(definition) },
                },
                Spec = Pod(definition, names, shard.Name),
            },
        },
    };

    private static V1PersistentVolumeClaim Claim(ClusterDefinition definition, string shard)
    {
        var storage = definition.Spec.Persistence.Storage;
        return new V1PersistentVolumeClaim
        {
            Metadata = new V1ObjectMeta { Name = DataVolume, Labels = Labels.Of(definition.Name, shard) },
            Spec = new V1PersistentVolumeClaimSpec
            {
                AccessModes = ["ReadWriteOnce"],
                StorageClassName = storage.StorageClassName is { Length: > 0 } name ? name : null,
                Resources = new V1VolumeResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = storage.Size! } },
            },
        };
    }

    private static V1PodSpec Pod(ClusterDefinition definition, ResourceNames names, string shard)
    {
        var scheduling = definition.Spec.Scheduling;
        return new V1PodSpec
        {
            AutomountServiceAccountToken = false,
            EnableServiceLinks = false,
            TerminationGracePeriodSeconds = GraceSeconds + (definition.Topology.PersistsData ? GraceSecondsPerGiB * (1 + (definition.Sizing.MaxMemory >> 30)) : 0),
            SecurityContext = new V1PodSecurityContext
            {
                RunAsNonRoot = true,
                RunAsUser = UserId,
                RunAsGroup = UserId,
                FsGroup = UserId,
                SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
            },
            NodeSelector = scheduling.NodeSelector is { Count: > 0 } selector ? new SortedDictionary<string, string>(selector, StringComparer.Ordinal) : null,
            Tolerations = scheduling.Tolerations is { Count: > 0 } tolerations ? [.. tolerations.Select(Toleration)] : null,
            PriorityClassName = scheduling.PriorityClassName is { Length: > 0 } priority ? priority : null,
            TopologySpreadConstraints = SpreadConstraints(definition, shard),
            Affinity = Affinity(definition, shard),
            Containers = [RedisContainer(definition, names)],
            Volumes =
            [
                // With persistence the StatefulSet puts the claim of the pod here.
                .. definition.Topology.PersistsData ? Array.Empty<V1Volume>() : [new V1Volume { Name = DataVolume, EmptyDir = new V1EmptyDirVolumeSource() }],
                new V1Volume { Name = "run", EmptyDir = new V1EmptyDirVolumeSource { Medium = "Memory", SizeLimit = new ResourceQuantity("1Mi") } },
                new V1Volume { Name = "config", ConfigMap = new V1ConfigMapVolumeSource { Name = names.ConfigMap } },
                new V1Volume { Name = "auth", Secret = new V1SecretVolumeSource { SecretName = names.PasswordsSecret } },
                .. definition.Spec.Tls.Enabled ? [new V1Volume { Name = "tls", Secret = new V1SecretVolumeSource { SecretName = names.CertificateSecret, DefaultMode = SecretMode } }] : Array.Empty<V1Volume>(),
            ],
        };
    }

    /// <summary>The resources of the redis container.</summary>
    /// <param name="size">The size asked for.</param>
    /// <returns>Requests and limits.</returns>
    public static V1ResourceRequirements Resources(SizeSpec size)
    {
        var requests = new SortedDictionary<string, ResourceQuantity>(StringComparer.Ordinal) { ["memory"] = size.Memory! };
        if (size.Cpu is { } cpu)
            requests["cpu"] = cpu;
        return new V1ResourceRequirements
        {
            Requests = requests,
            Limits = new SortedDictionary<string, ResourceQuantity>(StringComparer.Ordinal) { ["memory"] = size.Memory! },
        };
    }

    private static V1Container RedisContainer(ClusterDefinition definition, ResourceNames names)
    {
        return new V1Container
        {
            Name = Container,
            Image = definition.Image,
            Command = ["sh", "/config/entry.sh"],
            Ports =
            [
                new V1ContainerPort { Name = "redis", ContainerPort = RedisPort, Protocol = "TCP" },
                new V1ContainerPort { Name = "bus", ContainerPort = BusPort, Protocol = "TCP" },
            ],
            Env =
            [
                Field("POD_NAME", "metadata.name"),
                Field("POD_NAMESPACE", "metadata.namespace"),
                Field("POD_IP", "status.podIP"),
                new V1EnvVar { Name = "POD_SUBDOMAIN", Value = names.NodesService },
                new V1EnvVar { Name = "MEMORY_LIMIT", ValueFrom = new V1EnvVarSource { ResourceFieldRef = new V1ResourceFieldSelector { Resource = "limits.memory" } } },
            ],
            Resources = Resources(definition.Spec.Size),
            SecurityContext = new V1SecurityContext
            {
                AllowPrivilegeEscalation = false,
                ReadOnlyRootFilesystem = true,
                Capabilities = new V1Capabilities { Drop = ["ALL"] },
            },
            StartupProbe = Probe("alive.sh", periodSeconds: 1, timeoutSeconds: 5, failureThreshold: StartupSeconds),
            LivenessProbe = Probe("alive.sh", periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6),
            ReadinessProbe = Probe("ready.sh", periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 2),
            // The entry script writes here what Kubernetes shows of a container that ended.
            TerminationMessagePath = "/run/redis/ended",
            Lifecycle = new V1Lifecycle { PreStop = new V1LifecycleHandler { Exec = Exec("prestop.sh") } },
            VolumeMounts =
            [
                new V1VolumeMount { Name = DataVolume, MountPath = "/data" },
                new V1VolumeMount { Name = "run", MountPath = "/run/redis" },
                new V1VolumeMount { Name = "config", MountPath = "/config", ReadOnlyProperty = true },
                new V1VolumeMount { Name = "auth", MountPath = "/auth", ReadOnlyProperty = true },
                .. definition.Spec.Tls.Enabled ? [new V1VolumeMount { Name = "tls", MountPath = CertificateFolder, ReadOnlyProperty = true }] : Array.Empty<V1VolumeMount>(),
            ],
        };
    }

    private static List<V1TopologySpreadConstraint>? SpreadConstraints(ClusterDefinition definition, string shard)
    {
        var (zones, nodes) = (definition.Spec.Scheduling.ZoneSpread, definition.Spec.Scheduling.NodeSpread);
        var constraints = new List<V1TopologySpreadConstraint>();
        if (zones == Spread.Required)
            Add(ZoneKey, "DoNotSchedule");
        if (nodes != Spread.None)
            Add(NodeKey, nodes == Spread.Required ? "DoNotSchedule" : "ScheduleAnyway");
        return constraints.Count > 0 ? constraints : null;

        void Add(string key, string otherwise) => constraints.Add(new V1TopologySpreadConstraint
        {
            MaxSkew = 1,
            TopologyKey = key,
            WhenUnsatisfiable = otherwise,
            LabelSelector = new V1LabelSelector { MatchLabels = Labels.Selector(definition.Name, shard) },
        });
    }

    /// <summary>
    /// Zones that are preferred are no second constraint of <c>ScheduleAnyway</c>: a node that lacks the label of any such constraint is left out of all of them, and where no node has a zone,
    /// the pods of a shard would not be spread over nodes either. And the first pods of the shards, which are the masters of a new cluster, keep away from each other, where that puts no two
    /// pods of a shard together: with the node that has most of them a majority would be gone, and no master could be elected.
    /// </summary>
    private static V1Affinity? Affinity(ClusterDefinition definition, string shard)
    {
        var (zones, nodes) = (definition.Spec.Scheduling.ZoneSpread, definition.Spec.Scheduling.NodeSpread);
        var terms = new List<V1WeightedPodAffinityTerm>();
        var siblings = Labels.Selector(definition.Name, shard);
        if (zones == Spread.Preferred)
            Avoid(ZoneKey, siblings, SiblingWeight);
        if (nodes != Spread.None)
        {
            Avoid(NodeKey, siblings, SiblingWeight);
            Avoid(NodeKey, new SortedDictionary<string, string>(Labels.Selector(definition.Name), StringComparer.Ordinal) { [PodIndexLabel] = "0" }, FirstPodWeight);
        }

        return terms.Count == 0 ? null : new V1Affinity { PodAntiAffinity = new V1PodAntiAffinity { PreferredDuringSchedulingIgnoredDuringExecution = terms } };

        void Avoid(string key, SortedDictionary<string, string> whom, int weight) => terms.Add(new V1WeightedPodAffinityTerm
        {
            Weight = weight,
            PodAffinityTerm = new V1PodAffinityTerm { TopologyKey = key, LabelSelector = new V1LabelSelector { MatchLabels = whom } },
        });
    }

    private static V1Toleration Toleration(TolerationSpec toleration) => new()
    {
        Key = toleration.Key,
        OperatorProperty = toleration.Operator,
        Value = toleration.Value,
        Effect = toleration.Effect,
        TolerationSeconds = toleration.TolerationSeconds,
    };

    private static V1EnvVar Field(string name, string path) =>
        new() { Name = name, ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = path } } };

    private static V1Probe Probe(string script, int periodSeconds, int timeoutSeconds, int failureThreshold) => new()
    {
        Exec = Exec(script),
        PeriodSeconds = periodSeconds,
        TimeoutSeconds = timeoutSeconds,
        FailureThreshold = failureThreshold,
    };

    private static V1ExecAction Exec(string script) => new() { Command = ["sh", $"/config/{script}"] };
}
