using System.Diagnostics;
using k8s;
using k8s.Models;

namespace RedisTopology.Testing.Tests.Kubelet;

[Collection(KubeletGroup.Name)]
public sealed class PodLifecycleTests(KubeletFixture fixture)
{
    [Fact]
    public async Task A_killed_container_restarts_in_the_same_pod_with_the_same_emptyDir_and_shows_how_it_ended()
    {
        var (kubelet, ns) = (fixture.Kubelet, await fixture.NamespaceAsync("killed"));
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(Manifests.StatefulSet("cc", 1), ns);
        var before = (await fixture.ReadyAsync(ns, "cc", 1))[0];
        kubelet.Kill($"{ns}/cc-0", reason: "OOMKilled");
        var after = await fixture.UntilAsync(ns, "cc-0", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });
        Assert.Equal(before.Uid(), after.Uid());
        Assert.Equal(before.Status.PodIP, after.Status.PodIP);
        var last = after.Status.ContainerStatuses[0].LastState.Terminated;
        Assert.Equal((137, "OOMKilled"), (last.ExitCode, last.Reason));
        Assert.Equal(2, (await fixture.ShellAsync($"{ns}/cc-0", "cat /data/starts")).Split('\n').Length);
    }

    [Fact]
    public async Task A_restarted_sandbox_is_the_same_pod_with_a_new_address_and_its_old_data()
    {
        var (kubelet, ns) = (fixture.Kubelet, await fixture.NamespaceAsync("rebooted"));
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(Manifests.StatefulSet("cc", 1), ns);
        var before = (await fixture.ReadyAsync(ns, "cc", 1))[0];
        await kubelet.RestartSandboxAsync($"{ns}/cc-0");
        var after = await fixture.UntilAsync(ns, "cc-0", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });
        Assert.Equal(before.Uid(), after.Uid());
        Assert.NotEqual(before.Status.PodIP, after.Status.PodIP);
        Assert.Equal([after.Status.PodIP], after.Status.PodIPs.Select(ip => ip.Ip));
        Assert.Equal([$"start cc-0 {before.Status.PodIP}", $"start cc-0 {after.Status.PodIP}"], (await fixture.ShellAsync($"{ns}/cc-0", "cat /data/starts")).Split('\n'));
    }

    [Fact]
    public async Task Deletion_runs_preStop_then_TERM_then_waits_out_the_grace_period_then_kills()
    {
        var (kubelet, ns) = (fixture.Kubelet, await fixture.NamespaceAsync("graceful"));
        await fixture.ApplyAsync("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: log}, spec: {accessModes: [ReadWriteOnce], storageClassName: standard, resources: {requests: {storage: 1Mi}}}}", ns);
        await fixture.ApplyAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: stubborn}
            spec:
              terminationGracePeriodSeconds: 2
              containers:
              - name: main
                image: busybox
                command: [sh, -c, "trap 'echo term >>/log/order' TERM; touch /log/up; while :; do sleep 0.1; done"]
                lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 0.5; echo prestop >>/log/order"]}}}
                readinessProbe: {exec: {command: [test, -f, /log/up]}, periodSeconds: 1}
                volumeMounts: [{name: log, mountPath: /log}]
              volumes: [{name: log, persistentVolumeClaim: {claimName: log}}]
            """,
            ns);
        await fixture.UntilAsync(ns, "stubborn", IsReady);
        var claim = await fixture.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync("log", ns, cancellationToken: KubeletFixture.Cancel);
        var volume = await fixture.Client.CoreV1.ReadPersistentVolumeAsync(claim.Spec.VolumeName, cancellationToken: KubeletFixture.Cancel);
        var clock = Stopwatch.StartNew();
        await fixture.Client.CoreV1.DeleteNamespacedPodAsync("stubborn", ns, cancellationToken: KubeletFixture.Cancel);
        await kubelet.WaitForAsync(pods => pods.All(p => p.Namespace != ns), TimeSpan.FromSeconds(10), KubeletFixture.Cancel);
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.9, 6);
        Assert.Equal(["prestop", "term"], await File.ReadAllLinesAsync(Path.Combine(volume.Spec.HostPath.Path, "order"), KubeletFixture.Cancel));
    }

    [Fact]
    public async Task A_force_deleted_pod_leaves_no_process_behind()
    {
        var (kubelet, ns) = (fixture.Kubelet, await fixture.NamespaceAsync("forced"));
        await fixture.ApplyAsync("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {terminationGracePeriodSeconds: 600, containers: [{name: main, image: busybox, command: [sh, -c, 'sleep 1000 & sleep 1000']}]}}", ns);
        await fixture.UntilAsync(ns, "p", IsReady);
        var pid = kubelet.Pods.Single(p => p.Namespace == ns).ProcessIds["main"];
        Assert.True(Directory.Exists($"/proc/{pid}"));
        await fixture.Client.CoreV1.DeleteNamespacedPodAsync("p", ns, gracePeriodSeconds: 0, cancellationToken: KubeletFixture.Cancel);
        await Eventually.ThatAsync(() => Task.FromResult(Directory.Exists($"/proc/{pid}")), alive => !alive, TimeSpan.FromSeconds(3), ct: KubeletFixture.Cancel);
    }

    [Fact]
    public async Task An_unknown_image_waits_as_with_kubelet_and_starts_when_it_is_mended()
    {
        var ns = await fixture.NamespaceAsync("image");
        KubeletFixture.SkipWithoutRoot();
        await fixture.ApplyAsync("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: main, image: 'nosuch:1', command: [sleep, '1000']}]}}", ns);
        await fixture.UntilAsync(ns, "p", p => p.Status.ContainerStatuses?[0].State.Waiting?.Reason == "ImagePullBackOff");
        var events = await fixture.Client.CoreV1.ListNamespacedEventAsync(ns, cancellationToken: KubeletFixture.Cancel);
        Assert.Contains(events.Items, e => e.Reason == "Failed" && e.InvolvedObject.Name == "p");
        await fixture.Client.CoreV1.PatchNamespacedPodAsync(new V1Patch("{\"spec\":{\"containers\":[{\"name\":\"main\",\"image\":\"busybox\"}]}}", V1Patch.PatchType.StrategicMergePatch), "p", ns, cancellationToken: KubeletFixture.Cancel);
        await fixture.UntilAsync(ns, "p", IsReady);
    }

    [Fact]
    public async Task A_crashing_container_backs_off_and_init_containers_run_first_in_order()
    {
        var ns = await fixture.NamespaceAsync("crash");
        var kubelet = fixture.Kubelet;
        await fixture.ApplyAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec:
              initContainers:
              - {name: first, image: busybox, command: [sh, -c, "sleep 0.3; echo first >>/w/log"], volumeMounts: [{name: w, mountPath: /w}]}
              - {name: second, image: busybox, command: [sh, -c, "echo second >>/w/log"], volumeMounts: [{name: w, mountPath: /w}]}
              containers:
              - {name: main, image: busybox, command: [sh, -c, "cat /w/log; exit 3"], volumeMounts: [{name: w, mountPath: /w}]}
              volumes: [{name: w, emptyDir: {medium: Memory}}]
            """,
            ns);
        var pod = await fixture.UntilAsync(ns, "p", p => p.Status.ContainerStatuses?[0].State.Waiting?.Reason == "CrashLoopBackOff");
        Assert.Equal(3, pod.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
        Assert.All(pod.Status.InitContainerStatuses, c => Assert.Equal("Completed", c.State.Terminated.Reason));
        Assert.StartsWith("first\nsecond\n", kubelet.Logs($"{ns}/p", "main"), StringComparison.Ordinal);
    }

    private static bool IsReady(V1Pod pod) => pod.Status.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") == true;
}
