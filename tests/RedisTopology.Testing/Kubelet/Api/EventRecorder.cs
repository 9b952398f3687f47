using System.Collections.Concurrent;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Testing.Kubelet.Api;

/// <summary>Writes core/v1 events; the same reason and message about the same object is written once.</summary>
internal sealed partial class EventRecorder(IKubernetes client, TimeProvider clock, ILogger log)
{
    private readonly ConcurrentDictionary<string, bool> _written = new();

    /// <summary>Records an event about a pod. Never throws: an event is advice.</summary>
    public async Task RecordAsync(V1Pod pod, string type, string reason, string message, CancellationToken cancel)
    {
        if (!_written.TryAdd($"{pod.Uid()}/{reason}/{message}", true))
            return;
        var now = ApiTime.Seconds(clock.GetUtcNow());
        var body = new Corev1Event
        {
            Metadata = new V1ObjectMeta { Name = $"{pod.Name()}.{Guid.NewGuid():N}"[..Math.Min(pod.Name().Length + 17, 253)], NamespaceProperty = pod.Namespace() },
            InvolvedObject = new V1ObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Name(), NamespaceProperty = pod.Namespace(), Uid = pod.Uid() },
            Type = type,
            Reason = reason,
            Message = message,
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
            Source = new V1EventSource { Component = "kubelet", Host = pod.Spec.NodeName },
        };
        try
        {
            await client.CoreV1.CreateNamespacedEventAsync(body, pod.Namespace(), cancellationToken: cancel);
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException or OperationCanceledException)
        {
            EventLost(log, reason, e.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Reason} not written: {Error}")]
    private static partial void EventLost(ILogger logger, string reason, string error);
}
