using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>Keeps the status in the API equal to what runs; changes that come together are one patch.</summary>
internal sealed partial class PodWorker
{
    private readonly Channel<bool> _dirty = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SemaphoreSlim _patching = new(1);
    private List<V1PodCondition> _conditions = [];
    private V1PodCondition? _resize;
    private string _published = "";

    /// <summary>Something the status shows has changed.</summary>
    public void Changed() => _dirty.Writer.TryWrite(true);

    /// <summary>The status now.</summary>
    public V1PodStatus BuildStatus()
    {
        var init = _init.Select(PodStatusBuilder.Container).ToList();
        var main = _main.Select(PodStatusBuilder.Container).ToList();
        var initialized = _init.All(runner => runner.IsSidecar ? runner.Started : runner.State.Terminated?.ExitCode == 0);
        var phase = PodStatusBuilder.Phase(Pod, init, main, _terminating == 1 && _run.IsCompleted);
        var ready = phase == "Running" && main.All(c => c.Ready) && _init.All(runner => !runner.IsSidecar || runner.Ready);
        var before = _conditions.Count > 0 ? _conditions : [.. Pod.Status?.Conditions ?? []];
        _conditions = PodStatusBuilder.Conditions(Pod, initialized, ready, phase, main, before, Services.Now);
        return new V1PodStatus
        {
            Phase = phase,
            StartTime = StartTime,
            HostIP = HostIp,
            PodIP = Address,
            PodIPs = Address is null ? null : [new V1PodIP { Ip = Address }],
            QosClass = ContainerSpecs.QosClass(Pod),
            ContainerStatuses = main,
            InitContainerStatuses = init.Count > 0 ? init : null,
            Conditions = _resize is null ? _conditions : [.. _conditions, _resize],
        };
    }

    private async Task PublishLoopAsync()
    {
        try
        {
            while (await _dirty.Reader.WaitToReadAsync(_closed.Token))
            {
                _dirty.Reader.TryRead(out _);
                await _node.UpAsync(_closed.Token);
                if (!await PublishAsync(_closed.Token))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    // False when the pod is gone or another one has its name.
    private async Task<bool> PublishAsync(CancellationToken cancel)
    {
        await _patching.WaitAsync(cancel);
        try
        {
            var status = StatusPatch.Of(BuildStatus());
            var text = status.ToJsonString();
            if (text == _published)
                return true;
            var body = new JsonObject { ["metadata"] = new JsonObject { ["uid"] = Pod.Uid() }, ["status"] = status };
            await Services.Client.CoreV1.PatchNamespacedPodStatusAsync(new V1Patch(body.ToJsonString(), V1Patch.PatchType.StrategicMergePatch), Pod.Name(), Pod.Namespace(), cancellationToken: cancel);
            _published = text;
            return true;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
        {
            return false;
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            StatusNotWritten(Services.Log, Pod.Name(), (e as HttpOperationException)?.Response.Content ?? e.Message);
            await Task.Delay(Services.Options.RetryPeriod, Services.Clock, cancel);
            Changed();
            return true;
        }
        finally
        {
            _patching.Release();
        }
    }

    [Microsoft.Extensions.Logging.LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Warning, Message = "Status of pod {Pod} not written: {Reason}")]
    private static partial void StatusNotWritten(Microsoft.Extensions.Logging.ILogger logger, string pod, string reason);
}
