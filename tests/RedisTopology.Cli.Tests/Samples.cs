using System.Text.Json;
using k8s.Models;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Servers;
using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Tests;

/// <summary>A cluster of two shards with a replica each, as the API server and its servers would describe it.</summary>
internal static class Samples
{
    public static CacheClusterResource Cluster(string spec = """{"size": {"memory": "64Mi"}, "replicas": 1, "sharding": {"count": 2}}""", string conditions = Healthy) => CacheClusterResource.Parse(JsonDocument.Parse($$"""
        {
          "metadata": {"name": "shop", "namespace": "web", "generation": 3},
          "spec": {{spec}},
          "status": {
            "observedGeneration": 3, "phase": "Ready", "engine": "Redis 7.2", "ready": "4/4", "slotsCovered": "16384/16384",
            "conditions": {{conditions}},
            "shards": [
              {"name": "s0", "ranges": ["0-8191"], "slots": 8192, "master": "shop-s0-0", "ready": "2/2", "usedMemory": 10485760, "keys": 1000, "replicas": [{"pod": "shop-s0-1", "lagBytes": 0, "link": "up"}]},
              {"name": "s1", "ranges": ["8192-16383"], "slots": 8192, "master": "shop-s1-1", "ready": "2/2", "usedMemory": 20971520, "keys": 2000, "replicas": [{"pod": "shop-s1-0", "lagBytes": 0, "link": "up"}]}
            ]
          }
        }
        """).RootElement);

    public const string Healthy = """
        [
          {"type": "Ready", "status": "True", "reason": "Serving", "message": "all slots are served and every pod is in its role", "lastTransitionTime": "2026-11-26T06:00:00Z"},
          {"type": "Progressing", "status": "False", "reason": "Reached", "message": "", "lastTransitionTime": "2026-11-26T06:00:00Z"},
          {"type": "Degraded", "status": "False", "reason": "Whole", "message": "", "lastTransitionTime": "2026-11-26T06:00:00Z"}
        ]
        """;

    public static List<V1Pod> Pods() => [Pod("s0", 0, "node-a"), Pod("s0", 1, "node-b"), Pod("s1", 0, "node-a"), Pod("s1", 1, "node-b")];

    public static V1Pod Pod(string shard, int ordinal, string node) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = $"shop-{shard}-{ordinal}",
            NamespaceProperty = "web",
            Labels = new Dictionary<string, string> { [ClusterReader.ClusterLabel] = "shop", [ClusterReader.ShardLabel] = shard },
        },
        Spec = new V1PodSpec { NodeName = node, Containers = [new V1Container { Name = "redis" }] },
        Status = new V1PodStatus
        {
            Phase = "Running",
            PodIP = $"10.0.{shard[1]}.{ordinal + 1}",
            ContainerStatuses = [new V1ContainerStatus { Name = "redis", Ready = true, State = new V1ContainerState { Running = new V1ContainerStateRunning() } }],
        },
    };

    /// <summary>All four answer; the master of <c>s1</c> is its pod 1.</summary>
    public static ServerReports Reports() => new(
        new Dictionary<string, ServerReport>
        {
            ["shop-s0-0"] = Master("a0", 0, 8191, keys: 1234),
            ["shop-s0-1"] = Replica("a1", "a0"),
            ["shop-s1-1"] = Master("b1", 8192, 16383, keys: 2345),
            ["shop-s1-0"] = Replica("b0", "b1"),
        },
        new Dictionary<string, string>());

    public static ServerReport Master(string id, int first, int last, long keys) => new()
    {
        Id = id,
        Role = NodeRole.Master,
        Slots = SlotSet.Of(new SlotRange(first, last)),
        Offset = 5000,
        Keys = keys,
        UsedMemory = 12 << 20,
        MaxMemory = 44 << 20,
        OpsPerSecond = 100,
        Clients = 7,
        Version = "7.2.4",
        ClusterOk = true,
    };

    public static ServerReport Replica(string id, string master) => new()
    {
        Id = id,
        Role = NodeRole.Replica,
        MasterId = master,
        Offset = 3976,
        Keys = 1234,
        UsedMemory = 11 << 20,
        MaxMemory = 44 << 20,
        OpsPerSecond = 50,
        Clients = 3,
        Version = "7.2.4",
        ClusterOk = true,
    };
}
