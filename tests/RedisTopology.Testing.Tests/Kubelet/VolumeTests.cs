using k8s;
using k8s.Models;

namespace RedisTopology.Testing.Tests.Kubelet;

[Collection(KubeletGroup.Name)]
public sealed class VolumeTests(KubeletFixture fixture)
{
    [Fact]
    public async Task A_claim_keeps_its_data_when_its_pod_is_deleted_and_made_anew_and_grows_on_request()
    {
        var ns = await fixture.NamespaceAsync("claims");
        KubeletFixture.SkipWithoutRoot();
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(Manifests.StatefulSet("cc", 1, claims: true), ns);
        var before = (await fixture.ReadyAsync(ns, "cc", 1))[0];
        await fixture.Client.CoreV1.DeleteNamespacedPodAsync("cc-0", ns, cancellationToken: KubeletFixture.Cancel);
        var after = await fixture.UntilAsync(ns, "cc-0", p => p.Uid() != before.Uid() && p.Status.ContainerStatuses?[0].Ready == true);
        Assert.Equal(0, after.Status.ContainerStatuses[0].RestartCount);
        Assert.Equal([$"start cc-0 {before.Status.PodIP}", $"start cc-0 {after.Status.PodIP}"], (await fixture.ShellAsync($"{ns}/cc-0", "cat /data/starts")).Split('\n'));

        await fixture.Client.CoreV1.PatchNamespacedPersistentVolumeClaimAsync(
            new V1Patch("{\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}}", V1Patch.PatchType.MergePatch), "data-cc-0", ns, cancellationToken: KubeletFixture.Cancel);
        await Eventually.ThatAsync(
            () => fixture.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync("data-cc-0", ns, cancellationToken: KubeletFixture.Cancel),
            c => c.Status.Capacity["storage"].ToString() == "2Gi",
            TimeSpan.FromSeconds(10),
            ct: KubeletFixture.Cancel);
    }

    [Fact]
    public async Task A_sized_disk_can_be_filled_and_a_container_leaves_last_words()
    {
        var ns = await fixture.NamespaceAsync("sized");
        KubeletFixture.SkipWithoutRoot();
        await fixture.ApplyAsync("{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: small}, spec: {accessModes: [ReadWriteOnce], storageClassName: sized, resources: {requests: {storage: 1Mi}}}}", ns);
        await fixture.ApplyAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: full}
            spec:
              restartPolicy: Never
              containers:
              - name: c
                image: debian
                terminationMessagePath: /ended
                command: ["sh", "-c", "cat /dev/zero > /data/filler; stat -c %s /data/filler > /ended; exit 3"]
                volumeMounts: [{name: data, mountPath: /data}]
              volumes: [{name: data, persistentVolumeClaim: {claimName: small}}]
            """,
            ns);
        var pod = await fixture.UntilAsync(ns, "full", p => p.Status.ContainerStatuses?[0].State.Terminated is not null);
        var ended = pod.Status.ContainerStatuses[0].State.Terminated;
        Assert.Equal((3, "1048576\n"), (ended.ExitCode, ended.Message));
    }

    [Fact]
    public async Task A_changed_ConfigMap_and_a_changed_label_reach_the_running_pod()
    {
        var ns = await fixture.NamespaceAsync("propagate");
        KubeletFixture.SkipWithoutRoot();
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: p, labels: {role: replica}}
            spec:
              containers:
              - name: main
                image: busybox
                command: [sleep, "1000"]
                volumeMounts:
                - {name: all, mountPath: /all}
                - {name: all, mountPath: /etc/one, subPath: greeting}
                - {name: all, mountPath: /tmp/deep/all}
              volumes:
              - name: all
                projected:
                  sources:
                  - {configMap: {name: config, items: [{key: greeting, path: greeting}]}}
                  - {downwardAPI: {items: [{path: pod/role, fieldRef: {fieldPath: "metadata.labels['role']"}}]}}
            """,
            ns);
        await fixture.UntilAsync(ns, "p", p => p.Status.Phase == "Running");
        Assert.Equal("hello replica hello", await fixture.ShellAsync($"{ns}/p", "echo $(cat /all/greeting) $(cat /tmp/deep/all/pod/role) $(cat /etc/one)"));
        await fixture.Client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch("{\"data\":{\"greeting\":\"bye\"}}", V1Patch.PatchType.MergePatch), "config", ns, cancellationToken: KubeletFixture.Cancel);
        await fixture.Client.CoreV1.PatchNamespacedPodAsync(new V1Patch("{\"metadata\":{\"labels\":{\"role\":\"master\"}}}", V1Patch.PatchType.MergePatch), "p", ns, cancellationToken: KubeletFixture.Cancel);
        // A subPath mount is never updated: kubelet's own well-known limit.
        await Eventually.ThatAsync(
            () => fixture.ShellAsync($"{ns}/p", "echo $(cat /all/greeting) $(cat /tmp/deep/all/pod/role) $(cat /etc/one)"), seen => seen == "bye master hello", TimeSpan.FromSeconds(5), ct: KubeletFixture.Cancel);
    }

    [Fact]
    public async Task A_missing_Secret_holds_the_container_back_until_it_is_there()
    {
        var ns = await fixture.NamespaceAsync("missing");
        KubeletFixture.SkipWithoutRoot();
        await fixture.ApplyAsync(
            "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: main, image: busybox, command: [sleep, '1000'], env: [{name: P, valueFrom: {secretKeyRef: {name: auth, key: password}}}]}]}}", ns);
        await fixture.UntilAsync(ns, "p", p => p.Status.ContainerStatuses?[0].State.Waiting?.Reason == "CreateContainerConfigError");
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.UntilAsync(ns, "p", p => p.Status.Phase == "Running");
        Assert.Equal("s3cret", await fixture.ShellAsync($"{ns}/p", "echo $P"));
    }
}
