using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Api;

namespace RedisTopology.Testing.Kubelet.Nodes;

/// <summary>Binds pending pods to nodes, deciding one after another and writing many at a time.</summary>
internal sealed partial class PodScheduler(
    IKubernetes client, ProcessKubeletOptions options, Func<IReadOnlyCollection<V1Node>> nodes, Func<IReadOnlyCollection<V1Pod>> pods, Func<V1Pod, bool> waiting, ILogger log)
{
    private readonly Channel<V1Pod> _queue = Channel.CreateUnbounded<V1Pod>();
    private readonly Dictionary<string, V1Pod> _assumed = [];
    private readonly HashSet<string> _unschedulable = [];
    private int _turn;

    /// <summary>A pod without a node was seen.</summary>
    public void Offer(V1Pod pod) => _queue.Writer.TryWrite(pod);

    /// <summary>Schedules until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var slots = new SemaphoreSlim(options.Concurrency);
        try
        {
            await foreach (var pod in _queue.Reader.ReadAllAsync(cancel))
            {
                lock (_assumed)
                {
                    if (_assumed.ContainsKey(pod.Uid()))
                        continue;
                }

                var candidates = nodes();
                if (!waiting(pod))
                    continue;
                // Thousands of pods are not worth counting neighbours for: round robin.
                var (node, why) = options.SimulateOnly ? (candidates.ElementAtOrDefault(_turn++ % Math.Max(1, candidates.Count)), "no node") : NodeChoice.Pick(pod, candidates, Placed(pods()));
                if (node is null)
                {
                    _ = LaterAsync(pod, why!, cancel);
                    continue;
                }

                var assumed = new V1Pod { Metadata = pod.Metadata, Spec = new V1PodSpec { NodeName = node.Name(), Containers = pod.Spec.Containers } };
                lock (_assumed)
                    _assumed[pod.Uid()] = assumed;
                await slots.WaitAsync(cancel);
                _ = BindAsync(pod, node.Name(), slots, cancel);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>A pod is bound or gone: its assumed place is no longer needed.</summary>
    public void Forget(string uid)
    {
        lock (_assumed)
            _assumed.Remove(uid);
    }

    private List<V1Pod> Placed(IReadOnlyCollection<V1Pod> all)
    {
        lock (_assumed)
            return [.. all.Where(p => p.Spec.NodeName is not null), .. _assumed.Values];
    }

    private async Task BindAsync(V1Pod pod, string node, SemaphoreSlim slots, CancellationToken cancel)
    {
        try
        {
            await client.CoreV1.CreateNamespacedPodBindingAsync(
                new V1Binding { Metadata = new V1ObjectMeta { Name = pod.Name(), Uid = pod.Uid() }, Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = node } }, pod.Name(), pod.Namespace(), cancellationToken: cancel);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            Forget(pod.Uid());
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException or System.Text.Json.JsonException)
        {
            BindFailed(log, pod.Name(), e.Message);
            Forget(pod.Uid());
            await LaterAsync(pod, e.Message, cancel);
        }
        catch (OperationCanceledException)
        {
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task LaterAsync(V1Pod pod, string why, CancellationToken cancel)
    {
        try
        {
            bool first;
            lock (_unschedulable)
                first = _unschedulable.Add(pod.Uid());
            if (first)
            {
                var condition = new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = why, LastTransitionTime = ApiTime.Seconds(options.Clock.GetUtcNow()) };
                var body = new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(JsonNode.Parse(KubernetesJson.Serialize(condition))) } };
                await client.CoreV1.PatchNamespacedPodStatusAsync(new V1Patch(body.ToJsonString(), V1Patch.PatchType.StrategicMergePatch), pod.Name(), pod.Namespace(), cancellationToken: cancel);
            }
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException)
        {
            BindFailed(log, pod.Name(), e.Message);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await Task.Delay(options.RetryPeriod, options.Clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Offer(pod);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pod {Pod} not bound: {Reason}")]
    private static partial void BindFailed(ILogger logger, string pod, string reason);
}
