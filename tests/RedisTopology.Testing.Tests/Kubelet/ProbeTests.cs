using k8s;

namespace RedisTopology.Testing.Tests.Kubelet;

[Collection(KubeletGroup.Name)]
public sealed class ProbeTests(KubeletFixture fixture)
{
    [Fact]
    public async Task An_exec_readiness_probe_gates_the_Ready_condition_and_the_Endpoints()
    {
        var ns = await fixture.NamespaceAsync("gate");
        KubeletFixture.SkipWithoutRoot();
        await fixture.ApplyAsync(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: s}
            spec: {clusterIP: None, selector: {app: gate}, ports: [{port: 6379, protocol: TCP}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: p, labels: {app: gate}}
            spec:
              containers:
              - name: main
                image: busybox
                command: [sh, -c, "sleep 1000 & wait"]
                readinessProbe: {exec: {command: [test, -f, /tmp/ready]}, periodSeconds: 1, failureThreshold: 1}
            """,
            ns);
        var pod = await fixture.UntilAsync(ns, "p", p => p.Status.ContainerStatuses?[0].State.Running is not null);
        Assert.False(pod.Status.ContainerStatuses[0].Ready);
        await fixture.ShellAsync($"{ns}/p", "touch /tmp/ready");
        pod = await fixture.UntilAsync(ns, "p", p => p.Status.Conditions.Single(c => c.Type == "Ready") is { Status: "True", Reason: null });
        await Eventually.ThatAsync(
            () => fixture.Client.CoreV1.ReadNamespacedEndpointsAsync("s", ns, cancellationToken: KubeletFixture.Cancel),
            e => e.Subsets?.FirstOrDefault()?.Addresses?.FirstOrDefault()?.Ip == pod.Status.PodIP,
            TimeSpan.FromSeconds(10),
            ct: KubeletFixture.Cancel);
        await fixture.ShellAsync($"{ns}/p", "rm /tmp/ready");
        await fixture.UntilAsync(ns, "p", p => p.Status.Conditions.Single(c => c.Type == "Ready") is { Status: "False", Reason: "ContainersNotReady" });
    }

    [Fact]
    public async Task A_failing_liveness_probe_restarts_and_startup_and_tcp_probes_are_met_first()
    {
        var ns = await fixture.NamespaceAsync("live");
        KubeletFixture.SkipWithoutRoot();
        await fixture.ApplyAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
              - name: main
                image: "redis:7.2"
                args: ["--protected-mode", "no", "--save", ""]
                startupProbe: {tcpSocket: {port: 6379}, periodSeconds: 1}
                livenessProbe: {exec: {command: [sh, -c, "! test -f /tmp/sick"]}, periodSeconds: 1, failureThreshold: 1}
            """,
            ns);
        await fixture.UntilAsync(ns, "p", p => p.Status.ContainerStatuses?[0] is { Started: true, Ready: true });
        await fixture.ShellAsync($"{ns}/p", "touch /tmp/sick");
        var pod = await fixture.UntilAsync(ns, "p", p => p.Status.ContainerStatuses?[0] is { RestartCount: 1, Ready: true });
        // redis ends by itself on TERM; /tmp is the container's, so the next one is healthy.
        Assert.Equal(0, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
    }
}
