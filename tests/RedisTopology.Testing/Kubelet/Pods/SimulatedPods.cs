using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Api;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>Pods that are Ready and nothing else: an address and a status, by the thousands, with a bounded number of requests in flight.</summary>
internal sealed partial class SimulatedPods(IKubernetes client, ProcessKubeletOptions options, Func<string, string?> hostIp, ILogger log)
{
    private readonly ConcurrentDictionary<string, string> _addresses = new();
    private readonly ConcurrentDictionary<string, bool> _done = new();
    private readonly Channel<V1Pod> _queue = Channel.CreateUnbounded<V1Pod>();
    private int _next = 256;

    /// <summary>A bound pod was seen.</summary>
    public void Offer(V1Pod pod) => _queue.Writer.TryWrite(pod);

    /// <summary>A pod is gone.</summary>
    public void Forget(string uid)
    {
        _addresses.TryRemove(uid, out _);
        _done.TryRemove(uid, out _);
        _done.TryRemove(uid + "/deleted", out _);
    }

    /// <summary>Runs until cancelled.</summary>
    public Task RunAsync(CancellationToken cancel) => Task.WhenAll(Enumerable.Range(0, options.Concurrency).Select(_ => WorkAsync(cancel)));

    private async Task WorkAsync(CancellationToken cancel)
    {
        try
        {
            await foreach (var pod in _queue.Reader.ReadAllAsync(cancel))
            {
                var ending = pod.DeletionTimestamp() is not null;
                var key = ending ? pod.Uid() + "/deleted" : pod.Uid();
                if (!_done.TryAdd(key, true))
                    continue;
                try
                {
                    if (ending)
                        await client.CoreV1.DeleteNamespacedPodAsync(pod.Name(), pod.Namespace(), new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new V1Preconditions { Uid = pod.Uid() } }, cancellationToken: cancel);
                    else
                        await ReportAsync(pod, cancel);
                }
                catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
                {
                    // Gone, or replaced by one of the same name.
                }
                catch (Exception e) when (e is HttpRequestException or HttpOperationException)
                {
                    SimulationFailed(log, pod.Name(), e.Message);
                    _done.TryRemove(key, out _);
                    await Task.Delay(options.RetryPeriod, options.Clock, cancel);
                    Offer(pod);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ReportAsync(V1Pod pod, CancellationToken cancel)
    {
        var now = ApiTime.Seconds(options.Clock.GetUtcNow());
        var address = _addresses.GetOrAdd(pod.Uid(), _ =>
        {
            var n = Interlocked.Increment(ref _next) % 65_000;
            return string.Create(CultureInfo.InvariantCulture, $"198.19.{n >> 8}.{n & 255}");
        });
        var containers = pod.Spec.Containers.Select(c => new V1ContainerStatus
        {
            Name = c.Name,
            Image = c.Image,
            ImageID = PodStatusBuilder.ImageId(c.Image),
            ContainerID = $"process://simulated-{pod.Uid()}-{c.Name}",
            Ready = true,
            Started = true,
            State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = now } },
            LastState = new V1ContainerState(),
            Resources = c.Resources,
        }).ToList();
        var status = new V1PodStatus
        {
            Phase = "Running",
            StartTime = now,
            HostIP = hostIp(pod.Spec.NodeName),
            PodIP = address,
            PodIPs = [new V1PodIP { Ip = address }],
            QosClass = ContainerSpecs.QosClass(pod),
            ContainerStatuses = containers,
            Conditions = PodStatusBuilder.Conditions(pod, true, true, "Running", containers, [], now),
        };
        var body = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = pod.Uid() }, ["status"] = StatusPatch.Of(status) };
        await client.CoreV1.PatchNamespacedPodStatusAsync(new V1Patch(body.ToJsonString(), V1Patch.PatchType.StrategicMergePatch), pod.Name(), pod.Namespace(), cancellationToken: cancel);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Simulated pod {Pod} not reported: {Reason}")]
    private static partial void SimulationFailed(ILogger logger, string pod, string reason);
}
