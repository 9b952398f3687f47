using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RedisTopology.Testing.Kubelet;

/// <summary>How a <see cref="ProcessKubelet"/> behaves. The defaults are a small cluster, with the waits of a real one shortened.</summary>
public sealed record ProcessKubeletOptions
{
    /// <summary>Number of nodes; node <c>i</c> is in zone <c>Zones[i % Zones.Count]</c>. Default 3.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Node names are this and a number. Default "node-".</summary>
    public string NodePrefix { get; init; } = "node-";

    /// <summary>Zones. Default zone-a, zone-b, zone-c.</summary>
    public IReadOnlyList<string> Zones { get; init; } = ["zone-a", "zone-b", "zone-c"];

    /// <summary>Capacity and allocatable of each node. Default 64 cores, 256 Gi and 10,000 pods, so that nothing waits for room: requests are not counted.</summary>
    public IReadOnlyDictionary<string, string> Capacity { get; init; } = new Dictionary<string, string> { ["cpu"] = "64", ["memory"] = "256Gi", ["pods"] = "10000" };

    /// <summary>
    /// Known images; the first match counts. Default: valkey 9 and redis 8 on the roots that tests/scripts/engines.sh brings, when they are there; else redis and valkey of any tag, busybox
    /// and debian, all on the host's own root.
    /// </summary>
    public IReadOnlyList<ContainerImage> Images { get; init; } =
    [
        .. Newer("*valkey:9*", Engines.Valkey9Root, "valkey-server"),
        .. Newer("*redis:8*", Engines.Redis8Root, "redis-server"),
        new("redis:*", "/", ["redis-server"], []),
        new("*/redis:*", "/", ["redis-server"], []),
        new("valkey/valkey:*", "/", ["redis-server"], []),
        new("busybox*", "/", ["sh"], []),
        new("debian*", "/", ["sh"], []),
    ];

    /// <summary>First wait before a container is restarted a second time; doubles up to <see cref="MaxRestartBackOff"/>. Default 1 s (kubelet: 10 s).</summary>
    public TimeSpan RestartBackOff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait before a restart. Default 5 min, as kubelet.</summary>
    public TimeSpan MaxRestartBackOff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wait before a missing image, ConfigMap, Secret or claim is looked for again. Default 0.5 s.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long after a ConfigMap or Secret changed its volumes change. Default 0.2 s (kubelet: up to 60 s).</summary>
    public TimeSpan VolumeSyncDelay { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>Period of node leases and node status. Default 10 s, as kubelet.</summary>
    public TimeSpan NodeHeartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Which free address a new pod gets. Default late reuse.</summary>
    public PodIpReuse IpReuse { get; init; } = PodIpReuse.Late;

    /// <summary>Answer to in-place resizes. Default accept.</summary>
    public ResizeAnswer Resize { get; init; } = ResizeAnswer.Accept;

    /// <summary>Name of the storage class whose claims this kubelet provisions; made the default class. Default "standard".</summary>
    public string StorageClass { get; init; } = "standard";

    /// <summary>
    /// Name of a second storage class, whose disks are as large as was asked for, so that they can be filled; they are in memory and last as long as their container. Those of the first
    /// are as large as the machine's. Default "sized".
    /// </summary>
    public string SizedStorageClass { get; init; } = "sized";

    /// <summary>Pods become Ready with an address of 198.19.0.0/16 and no process, namespace or root behind them: for benchmarks. As root the addresses
    /// lead nowhere on this machine; without root, which suffices, nobody may dial them. Default false.</summary>
    public bool SimulateOnly { get; init; }

    /// <summary>API requests in flight at most for pod statuses and bindings. Default 16.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>The clock. Default the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where it logs. Default nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    private static ContainerImage[] Newer(string pattern, string? root, string program) => root is null ? [] : [new(pattern, root, [program], [])];
}
