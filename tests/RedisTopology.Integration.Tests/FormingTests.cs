using k8s;
using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>A CacheCluster becomes a running cluster, of any shape.</summary>
public sealed class FormingTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    [Theory]
    [CombinatorialShapes]
    public async Task Every_shape_forms(int shards, int replicas)
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync($"size: {{memory: 64Mi}}, replicas: {replicas}, sharding: {{count: {shards}}}");
        var ready = await Cluster.UntilReadyAsync(120);

        var pods = shards * (replicas + 1);
        Assert.Equal($"{pods}/{pods}", ready.Status.Ready);
        Assert.Equal("16384/16384", ready.Status.SlotsCovered);
        Assert.Equal(shards, ready.Status.Masters);
        Assert.Equal(replicas, ready.Status.ReplicasPerShard);

        // The servers themselves agree: pod 0 of each shard is the master of the even split, all others follow.
        var servers = await Cluster.OnServersAsync();
        var expected = DesiredTopology.EvenSplit(shards);
        for (var i = 0; i < shards; i++)
        {
            Assert.Equal(("master", expected[i].Slots.ToString()), servers[$"cc-s{i}-0"]);
            for (var r = 1; r <= replicas; r++)
                Assert.Equal("replica", servers[$"cc-s{i}-{r}"].Role);
        }

        // And so do the labels by which Services select.
        var labels = (await Cluster.PodsAsync()).Select(p => p.Metadata.Labels["cache.redistopology.io/role"]).Order().ToList();
        Assert.Equal(Enumerable.Repeat("master", shards).Concat(Enumerable.Repeat("replica", shards * replicas)), labels);
    }

    [Fact]
    public async Task Explicit_uneven_ranges_and_replicas_of_their_own_are_kept_to()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("""
            size: {memory: 64Mi}, replicas: 0,
            sharding: {shards: [{name: big, ranges: ["0-9999", "12000-16383"]}, {name: small, ranges: ["10000", "10001-11998"], replicas: 2}, {name: one, ranges: ["11999"]}]}
            """);
        await Cluster.UntilReadyAsync();
        var servers = await Cluster.OnServersAsync();
        Assert.Equal(("master", "0-9999,12000-16383"), servers["cc-big-0"]);
        Assert.Equal(("master", "10000-11998"), servers["cc-small-0"]);
        Assert.Equal(("master", "11999"), servers["cc-one-0"]);
        Assert.Equal(["replica", "replica"], [servers["cc-small-1"].Role, servers["cc-small-2"].Role]);
        Assert.Equal(5, servers.Count);
        await Cluster.WriteKeysAsync(20);
        Assert.Empty(await Cluster.MissingKeysAsync(20));
    }

    /// <summary>The pod's status says nothing but that its container is being created; what is the matter is in its events, and the last one counts. It is made here, as the attacher of a cloud does.</summary>
    [Fact]
    public async Task Why_a_pod_does_not_start_is_named()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}, persistence: {mode: AOF, storage: {size: 64Mi, storageClassName: no-such-class}}");
        await Eventually.ThatAsync(Cluster.EventsAsync, events => events.Any(e => e.Reason == "FailedMount"), TimeSpan.FromSeconds(60), ct: Cancel);
        var pod = Assert.Single(await Cluster.PodsAsync());
        var now = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(1);
        await Cluster.Client.CoreV1.CreateNamespacedEventAsync(
            new Corev1Event
            {
                Metadata = new V1ObjectMeta { Name = "attach", NamespaceProperty = Cluster.Namespace },
                InvolvedObject = new V1ObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Name(), NamespaceProperty = Cluster.Namespace, Uid = pod.Uid() },
                Type = "Warning",
                Reason = "FailedAttachVolume",
                Message = "Multi-Attach error for volume pvc-1",
                FirstTimestamp = now,
                LastTimestamp = now,
            },
            Cluster.Namespace,
            cancellationToken: Cancel);
        await Cluster.UntilAsync(
            c => TestCluster.Condition(c, "Ready") is { Status: "False", Reason: "PodNotReady" } ready && ready.Message.Contains("FailedAttachVolume: Multi-Attach error for volume pvc-1", StringComparison.Ordinal), 120);
    }

    /// <summary>There is no pod whose status could say it, and its StatefulSet's does not: only its events do.</summary>
    [Fact]
    public async Task Why_a_pod_is_not_created_is_named()
    {
        await Fixture.Plane.ApplyAsync("""{apiVersion: v1, kind: ResourceQuota, metadata: {name: nothing}, spec: {hard: {pods: "0"}}}""", Cluster.Namespace, Cancel);
        await Eventually.TrueAsync(
            async () => (await Cluster.Client.CoreV1.ReadNamespacedResourceQuotaAsync("nothing", Cluster.Namespace, cancellationToken: Cancel)).Status?.Used?.ContainsKey("pods") == true,
            TimeSpan.FromSeconds(60), ct: Cancel, expectation: "the quota is in force");
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        await Cluster.UntilAsync(
            c => TestCluster.Condition(c, "Ready") is { Status: "False", Reason: "PodNotReady" } ready
                && ready.Message.Contains("shard s0: its pods cannot be created: FailedCreate: ", StringComparison.Ordinal) && ready.Message.Contains("exceeded quota: nothing", StringComparison.Ordinal), 120);
    }

    [Fact]
    public async Task A_password_of_ones_own_is_used_and_a_missing_one_is_named()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}, auth: {existingSecret: mine}");
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid") is { Status: "False" } condition && condition.Message.StartsWith("spec.auth.existingSecret: Secret mine does not exist", StringComparison.Ordinal), 10);

        await Fixture.Plane.ApplyAsync("""{apiVersion: v1, kind: Secret, metadata: {name: mine}, stringData: {password: "a \"quoted\\ pass word"}}""", Cluster.Namespace, Cancel);
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(1);
    }
}
