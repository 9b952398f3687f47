using k8s;
using k8s.Models;
using RedisTopology.Testing.Kubelet;

namespace RedisTopology.Testing.Tests.Kubelet;

[Collection(KubeletGroup.Name)]
public sealed class NodeTests(KubeletFixture fixture, ControlPlaneFixture controlPlane)
{
    [Fact]
    public async Task A_crashed_node_is_silent_until_it_is_back_and_its_pods_restart_in_place()
    {
        var (kubelet, ns) = (fixture.Kubelet, await fixture.NamespaceAsync("crashed"));
        await fixture.ApplyAsync(Manifests.Config, ns);
        await fixture.ApplyAsync(Manifests.StatefulSet("cc", 1), ns);
        var before = (await fixture.ReadyAsync(ns, "cc", 1))[0];
        await kubelet.StopNodeAsync(before.Spec.NodeName, NodeFailure.Crash, KubeletFixture.Cancel);
        await kubelet.WaitForAsync(pods => pods.Single(p => p.Namespace == ns).ProcessIds.Count == 0, TimeSpan.FromSeconds(5), KubeletFixture.Cancel);
        // Nobody is there to tell the API.
        Assert.True((await fixture.PodAsync(ns, "cc-0")).Status.ContainerStatuses[0].Ready);
        await kubelet.StartNodeAsync(before.Spec.NodeName, KubeletFixture.Cancel);
        var after = await fixture.UntilAsync(ns, "cc-0", p => p.Status.ContainerStatuses[0] is { RestartCount: 1, Ready: true });
        Assert.Equal(before.Uid(), after.Uid());
        Assert.NotEqual(before.Status.PodIP, after.Status.PodIP);
    }

    [Fact]
    public async Task Simulated_pods_are_Ready_by_the_hundred_and_go_when_deleted()
    {
        var ns = await fixture.NamespaceAsync("simulated");
        KubeletFixture.SkipWithoutRoot();
        await using var kubelet = await ProcessKubelet.StartAsync(controlPlane.Plane.ClientConfiguration, new ProcessKubeletOptions { SimulateOnly = true, Nodes = 2, NodePrefix = "simulated-" }, KubeletFixture.Cancel);
        await fixture.ApplyAsync(
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: many}
            spec:
              serviceName: many
              replicas: 200
              podManagementPolicy: Parallel
              selector: {matchLabels: {app: many}}
              template:
                metadata: {labels: {app: many}}
                spec:
                  nodeSelector: {simulated: "yes"}
                  containers: [{name: main, image: "anything:1"}]
            """,
            ns);
        var pods = await fixture.ReadyAsync(ns, "many", 200);
        Assert.Equal(200, pods.Select(p => p.Status.PodIP).Distinct().Count());
        await fixture.Client.AppsV1.DeleteNamespacedStatefulSetAsync("many", ns, cancellationToken: KubeletFixture.Cancel);
        await Eventually.ThatAsync(() => fixture.PodsAsync(ns), left => left.Count == 0, TimeSpan.FromSeconds(20), ct: KubeletFixture.Cancel);
        foreach (var node in kubelet.NodeNames)
            await fixture.Client.CoreV1.DeleteNodeAsync(node, cancellationToken: KubeletFixture.Cancel);
    }
}
