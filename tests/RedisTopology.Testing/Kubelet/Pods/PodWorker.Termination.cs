using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>How a pod ends: preStop, TERM, grace, KILL, last status, and only then the object goes.</summary>
internal sealed partial class PodWorker
{
    private async Task TerminateAsync()
    {
        try
        {
            if (!_forced)
                await _node.UpAsync(_closed.Token);
            var from = Services.Clock.GetTimestamp();
            // Read anew each time: a second delete may shorten the grace period, a force delete ends it.
            TimeSpan Remaining() => _forced || _closed.IsCancellationRequested
                ? TimeSpan.Zero
                : TimeLeft.Of(Services.Clock, TimeSpan.FromSeconds(Pod.Metadata.DeletionGracePeriodSeconds ?? 30), from);
            await _ending.CancelAsync();
            await Task.WhenAll(_main.Select(runner => runner.StopAsync(Remaining, "pod deleted")));
            await StopSidecarsAsync(Remaining);
            KillAll();
            await _run;
            DropSandbox();
            if (!_forced && !_closed.IsCancellationRequested)
            {
                await PublishAsync(_closed.Token);
                await DeleteAsync(_closed.Token);
            }

            Volumes.Remove();
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException or IOException)
        {
            WorkerFailed(Services.Log, Pod.Name(), e);
        }
    }

    // Native sidecars outlive the containers they serve and end in reverse order.
    private async Task StopSidecarsAsync(Func<TimeSpan> remaining)
    {
        foreach (var runner in Enumerable.Reverse(_init))
            await runner.StopAsync(remaining, "pod deleted");
    }

    private async Task DeleteAsync(CancellationToken cancel)
    {
        while (!_forced)
        {
            try
            {
                await Services.Client.CoreV1.DeleteNamespacedPodAsync(
                    Pod.Name(), Pod.Namespace(), new V1DeleteOptions { GracePeriodSeconds = 0, Preconditions = new V1Preconditions { Uid = Pod.Uid() } }, cancellationToken: cancel);
                return;
            }
            catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or HttpOperationException)
            {
                await Task.Delay(Services.Options.RetryPeriod, Services.Clock, cancel);
            }
        }
    }
}
