using k8s.Models;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>Startup, liveness and readiness probes.</summary>
internal sealed partial class ContainerRunner
{
    private async Task ProbesAsync(ContainerProcess process, CancellationToken alive, CancellationToken ending)
    {
        if (Spec.StartupProbe is { } startup)
        {
            var passed = await ProbeLoopAsync(process, startup, "Startup", stopAtFirst: true, _ => { }, alive);
            if (!passed)
                return;
            Started = true;
            Ready = Spec.ReadinessProbe is null;
            pod.Changed();
        }

        var liveness = Spec.LivenessProbe is { } live && !ending.IsCancellationRequested
            ? ProbeLoopAsync(process, live, "Liveness", stopAtFirst: false, _ => { }, alive)
            : Task.FromResult(true);
        if (Spec.ReadinessProbe is { } readiness)
        {
            await ProbeLoopAsync(process, readiness, "Readiness", stopAtFirst: false, ready =>
            {
                if (Ready == ready)
                    return;
                Ready = ready;
                pod.Changed();
            }, alive);
        }

        await liveness;
    }

    // True when a startup probe passed; false when the container ended or was condemned.
    private async Task<bool> ProbeLoopAsync(ContainerProcess process, V1Probe probe, string kind, bool stopAtFirst, Action<bool> verdict, CancellationToken alive)
    {
        var clock = pod.Services.Clock;
        var period = TimeSpan.FromSeconds(Math.Max(1, probe.PeriodSeconds ?? 10));
        var timeout = TimeSpan.FromSeconds(Math.Max(1, probe.TimeoutSeconds ?? 1));
        var (good, bad) = (0, 0);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelaySeconds ?? 0), clock, alive);
            while (true)
            {
                var began = clock.GetTimestamp();
                var failure = await ProbeAction.RunAsync(pod, process, Spec, probe.Exec, probe.HttpGet, probe.TcpSocket, timeout, alive);
                (good, bad) = failure is null ? (good + 1, 0) : (0, bad + 1);
                if (failure is not null)
                    await pod.Services.Events.RecordAsync(pod.Pod, "Warning", "Unhealthy", $"{kind} probe failed: {failure}", alive);
                if (good >= Math.Max(1, probe.SuccessThreshold ?? 1))
                {
                    verdict(true);
                    if (stopAtFirst)
                        return true;
                }

                if (bad >= Math.Max(1, probe.FailureThreshold ?? 3))
                {
                    verdict(false);
                    if (kind != "Readiness")
                    {
                        Condemn(probe, kind);
                        return false;
                    }
                }

                var rest = period - clock.GetElapsedTime(began);
                if (rest > TimeSpan.Zero)
                    await Task.Delay(rest, clock, alive);
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Not awaited by the probe: the end of the process ends the probes.
    private void Condemn(V1Probe probe, string kind)
    {
        var grace = TimeSpan.FromSeconds(probe.TerminationGracePeriodSeconds ?? pod.Pod.Spec.TerminationGracePeriodSeconds ?? 30);
        var from = pod.Services.Clock.GetTimestamp();
        _ = StopAsync(() => TimeLeft.Of(pod.Services.Clock, grace, from), $"failed {kind.ToLowerInvariant()} probe");
    }
}
