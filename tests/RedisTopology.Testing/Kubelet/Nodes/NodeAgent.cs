using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Api;

namespace RedisTopology.Testing.Kubelet.Nodes;

/// <summary>One node: its object, its lease, its Ready condition.</summary>
internal sealed partial class NodeAgent(IKubernetes client, ProcessKubeletOptions options, int index, string address, ILogger log)
{
    private const string LeaseNamespace = "kube-node-lease";
    private TaskCompletionSource _up = Completed();
    private DateTime? _readySince;

    /// <summary>Its name.</summary>
    public string Name { get; } = options.NodePrefix + index.ToString(CultureInfo.InvariantCulture);

    /// <summary>Its InternalIP.</summary>
    public string Address { get; } = address;

    /// <summary>Its zone.</summary>
    public string Zone { get; } = options.Zones[index % options.Zones.Count];

    /// <summary>Whether its kubelet speaks.</summary>
    public bool IsUp => _up.Task.IsCompleted;

    /// <summary>What was done to it, while it is down.</summary>
    public NodeFailure? Failure { get; private set; }

    /// <summary>Ends when the node is up.</summary>
    public Task UpAsync(CancellationToken cancel) => _up.Task.WaitAsync(cancel);

    /// <summary>Silences its kubelet.</summary>
    public void Stop(NodeFailure failure)
    {
        Failure = failure;
        _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets its kubelet speak again and reports at once.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        Failure = null;
        await BeatAsync(cancel);
        _up.TrySetResult();
    }

    /// <summary>Creates the node, or takes over one of the same name.</summary>
    public async Task RegisterAsync(CancellationToken cancel)
    {
        var node = new V1Node
        {
            Metadata = new V1ObjectMeta
            {
                Name = Name,
                Labels = new Dictionary<string, string>
                {
                    ["kubernetes.io/hostname"] = Name,
                    ["kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = "amd64",
                    ["topology.kubernetes.io/zone"] = Zone,
                    ["topology.kubernetes.io/region"] = "local",
                },
            },
        };
        try
        {
            await client.CoreV1.CreateNodeAsync(node, cancellationToken: cancel);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // It is there already.
        }

        await BeatAsync(cancel);
    }

    /// <summary>Keeps lease and status fresh until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.NodeHeartbeat, options.Clock, cancel);
                await UpAsync(cancel);
                try
                {
                    await BeatAsync(cancel);
                }
                catch (Exception e) when (e is HttpRequestException or HttpOperationException)
                {
                    BeatLost(log, Name, e.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task BeatAsync(CancellationToken cancel)
    {
        var now = ApiTime.Seconds(options.Clock.GetUtcNow());
        _readySince ??= now;
        var resources = options.Capacity.ToDictionary(p => p.Key, p => new ResourceQuantity(p.Value));
        var status = new V1NodeStatus
        {
            Capacity = resources,
            Allocatable = resources,
            DaemonEndpoints = new V1NodeDaemonEndpoints { KubeletEndpoint = new V1DaemonEndpoint { Port = KubeletServer.Port } },
            Addresses = [new V1NodeAddress { Type = "InternalIP", Address = Address }, new V1NodeAddress { Type = "Hostname", Address = Name }],
            Conditions =
            [
                Condition("Ready", "True", "KubeletReady", now),
                Condition("MemoryPressure", "False", "KubeletHasSufficientMemory", now),
                Condition("DiskPressure", "False", "KubeletHasNoDiskPressure", now),
                Condition("PIDPressure", "False", "KubeletHasSufficientPID", now),
            ],
        };
        var body = new JsonObject { ["status"] = JsonNode.Parse(KubernetesJson.Serialize(status)) };
        await client.CoreV1.PatchNodeStatusAsync(new V1Patch(body.ToJsonString(), V1Patch.PatchType.StrategicMergePatch), Name, cancellationToken: cancel);
        await RenewLeaseAsync(cancel);
    }

    private async Task RenewLeaseAsync(CancellationToken cancel)
    {
        var spec = new V1LeaseSpec { HolderIdentity = Name, LeaseDurationSeconds = 40, RenewTime = options.Clock.GetUtcNow().UtcDateTime };
        try
        {
            var body = new JsonObject { ["spec"] = JsonNode.Parse(KubernetesJson.Serialize(spec)) };
            await client.CoordinationV1.PatchNamespacedLeaseAsync(new V1Patch(body.ToJsonString(), V1Patch.PatchType.MergePatch), Name, LeaseNamespace, cancellationToken: cancel);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            await client.CoordinationV1.CreateNamespacedLeaseAsync(new V1Lease { Metadata = new V1ObjectMeta { Name = Name }, Spec = spec }, LeaseNamespace, cancellationToken: cancel);
        }
    }

    private V1NodeCondition Condition(string type, string status, string reason, DateTime now) =>
        new() { Type = type, Status = status, Reason = reason, Message = reason, LastHeartbeatTime = now, LastTransitionTime = _readySince };

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Heartbeat of {Node} lost: {Reason}")]
    private static partial void BeatLost(ILogger logger, string node, string reason);
}
