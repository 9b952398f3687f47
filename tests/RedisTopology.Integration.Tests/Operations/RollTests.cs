using System.Text.Json;
using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>Every pod is replaced, none too many at a time, and clients hardly notice.</summary>
public sealed class RollTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 2)]
    [InlineData(0, 2)]
    public async Task Another_version(int replicas, int shards)
    {
        var spec = $"size: {{memory: 64Mi}}, replicas: {replicas}, sharding: {{count: {shards}}}, failover: {{nodeTimeout: 2s}}";
        await FormAsync(spec);
        var before = (await Cluster.PodsAsync()).ToDictionary(p => p.Name(), p => p.Uid());
        await LosesNothingAsync($"roll with {replicas} replicas, {shards} shards", async () =>
        {
            await Cluster.ApplyAsync(spec + ", engine: {version: \"7.0.15\"}");
            await RollsAsync(shards);
        });
        var after = await Cluster.PodsAsync();
        Assert.Equal(before.Keys.Order(), after.Select(p => p.Name()).Order());
        Assert.All(after, p => Assert.Equal("redis:7.0.15", p.Spec.Containers[0].Image));
        Assert.All(after, p => Assert.NotEqual(before[p.Name()], p.Uid()));
        await NobodyRemembersAsync(after.Count);
    }

    [Fact]
    public async Task A_bad_image_stops_at_the_first_pod_of_the_cluster_and_a_good_one_repairs_it()
    {
        const string Spec = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}";
        await FormAsync(Spec);
        var before = await Cluster.PodsAsync();
        await LosesNothingAsync("bad image, then a good one", async () =>
        {
            await Cluster.ApplyAsync(Spec + ", engine: {image: \"registry.invalid/no-such-server:1\"}");
            await Eventually.ThatAsync(
                Cluster.PodsAsync, pods => pods.Any(p => p.Status.ContainerStatuses?[0].State.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff"), TimeSpan.FromSeconds(30), describe: _ => "no pod waits for its image");
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancel);

            // No more than one pod of the whole cluster is down, no master is, and the condition says who and why.
            var pods = await Cluster.PodsAsync();
            Assert.Equal(["cc-s0-1"], pods.Where(p => p.Spec.Containers[0].Image.Contains("no-such", StringComparison.Ordinal)).Select(p => p.Name()));
            Assert.Empty(pods.Where(p => p.Name() != "cc-s0-1").Select(p => p.Uid()).Except(before.Select(p => p.Uid())));
            var cluster = (await Cluster.GetAsync())!;
            Assert.Equal("16384/16384", cluster.Status.SlotsCovered);
            var message = TestCluster.Condition(cluster, "Progressing")!.Message;
            Assert.Contains("pod cc-s0-1 is not running: ", message, StringComparison.Ordinal);
            Assert.Contains("shard s1: 0 of 2 pods are up to date; cc-s0-1 is tried first", message, StringComparison.Ordinal);

            await Cluster.ApplyAsync(Spec + ", engine: {version: \"7.0.15\"}");
            await Cluster.UntilReadyAsync(120);
        });
        Assert.All(await Cluster.PodsAsync(), p => Assert.Equal("redis:7.0.15", p.Spec.Containers[0].Image));
    }

    [Fact]
    public async Task A_good_image_repairs_a_shard_that_is_to_go_as_well()
    {
        const string Spec = "size: {memory: 64Mi}, replicas: 0, persistence: {mode: AOF, storage: {size: 64Mi}}, failover: {nodeTimeout: 2s}, sharding: ";
        const string BadImage = ", engine: {image: \"registry.invalid/no-such-server:1\"}";
        const string GoodImage = ", engine: {version: \"7.0.15\"}";
        await FormAsync(Spec + "{count: 2}");
        await Cluster.WriteKeysAsync(200);

        // The pod of the second shard is made anew from the bad template, and then the shard is to go.
        await Cluster.ApplyAsync(Spec + "{count: 2}" + BadImage);
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "Progressing")!.Message.Contains("up to date", StringComparison.Ordinal));
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync("cc-s1-0", Cluster.Namespace, cancellationToken: Cancel);
        await Eventually.ThatAsync(
            Cluster.PodsAsync, pods => pods.Any(p => p.Name() == "cc-s1-0" && p.Status.ContainerStatuses?[0].State.Waiting?.Reason is "ErrImagePull" or "ImagePullBackOff"), TimeSpan.FromSeconds(60), describe: _ => "cc-s1-0 does not wait for its image");
        await Cluster.ApplyAsync(Spec + "{count: 1}" + BadImage);
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "Progressing")!.Message.Contains("s1 is to be removed", StringComparison.Ordinal));

        await Cluster.ApplyAsync(Spec + "{count: 1}" + GoodImage);
        await Cluster.UntilReadyAsync(180);
        Assert.Equal(["cc-s0-0"], (await Cluster.PodsAsync()).Select(p => p.Name()));
        Assert.Empty(await Cluster.MissingKeysAsync(200));
    }

    [Fact]
    public async Task A_roll_is_taken_back_half_way()
    {
        const string Spec = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}, failover: {nodeTimeout: 2s}";
        await FormAsync(Spec);
        await LosesNothingAsync("roll taken back", async () =>
        {
            await Cluster.ApplyAsync(Spec + ", engine: {version: \"7.0.15\"}");
            await Eventually.ThatAsync(
                Cluster.PodsAsync, pods => pods.Any(p => p.Spec.Containers[0].Image == "redis:7.0.15"), TimeSpan.FromSeconds(30), describe: _ => "no pod has the new image");
            await Cluster.ApplyAsync(Spec);
            await Cluster.UntilReadyAsync(120);
        });
        Assert.DoesNotContain(await Cluster.PodsAsync(), p => p.Spec.Containers[0].Image == "redis:7.0.15");
    }

    /// <summary>The API server refuses the operator's eviction as it would a drain's. Where it can never grant one, because somebody has put a second budget over the pods, the roll goes on without.</summary>
    [Fact]
    public async Task Waits_while_the_disruption_budget_spares_a_pod()
    {
        const string Spec = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}, failover: {nodeTimeout: 2s}";
        await FormAsync(Spec);

        // A pod that is never ready counts as one of the shard's that is down.
        await Fixture.Plane.ApplyAsync(
            """
            {apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: down}, spec: {replicas: 1, selector: {matchLabels: {app: down}}, template: {
              metadata: {labels: {app: down, cache.redistopology.io/cluster: cc, cache.redistopology.io/shard: s0}},
              spec: {nodeSelector: {no: such-node}, containers: [{name: down, image: "redis:7.0.15"}]}}}}
            """, Cluster.Namespace, Cancel);
        await Eventually.ThatAsync(AllowedAsync, allowed => allowed == 0, TimeSpan.FromSeconds(60), ct: Cancel);
        var before = await UidsAsync();
        await Cluster.ApplyAsync(Spec + ", engine: {version: \"7.0.15\"}");
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "Progressing")!.Message.Contains("disruption budget", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Cancel);
        Assert.Equal(before, await UidsAsync());

        await Cluster.Client.AppsV1.DeleteNamespacedReplicaSetAsync("down", Cluster.Namespace, propagationPolicy: "Background", cancellationToken: Cancel);
        await Cluster.UntilReadyAsync(120);
        Assert.Empty(before.Intersect(await UidsAsync()));

        await Fixture.Plane.ApplyAsync($"{{apiVersion: policy/{Cluster.PolicyVersion}, kind: PodDisruptionBudget, metadata: {{name: another}}, spec: {{maxUnavailable: 0, selector: {{matchLabels: {{cache.redistopology.io/cluster: cc}}}}}}}}", Cluster.Namespace, Cancel);
        before = await UidsAsync();
        await Cluster.ApplyAsync(Spec);
        await Cluster.UntilReadyAsync(120);
        Assert.Empty(before.Intersect(await UidsAsync()));

        async Task<int> AllowedAsync()
        {
            var json = (JsonElement)await Cluster.Client.CustomObjects.GetNamespacedCustomObjectAsync("policy", Cluster.PolicyVersion, Cluster.Namespace, "poddisruptionbudgets", "cc-s0", Cancel);
            return json.GetProperty("status").GetProperty("disruptionsAllowed").GetInt32();
        }

        async Task<List<string>> UidsAsync() => [.. (await Cluster.PodsAsync()).Where(p => p.Name().StartsWith("cc-", StringComparison.Ordinal)).Select(p => p.Uid())];
    }

    /// <summary>Nodes are drained while their pods are replaced: the budget lets one of the two have a pod of a shard at a time.</summary>
    [Fact]
    public async Task Masters_are_drained_meanwhile()
    {
        const string Spec = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}, failover: {nodeTimeout: 2s}";
        await FormAsync(Spec);
        var drained = 0;
        await LosesNothingAsync("roll while masters are drained", async () =>
        {
            await Cluster.ApplyAsync(Spec + ", engine: {version: \"7.0.15\"}");
            var done = Cluster.UntilReadyAsync(180);
            while (!done.IsCompleted && drained < 3)
            {
                if (await Cluster.MasterAsync("s0") is var master && await Cluster.TryEvictAsync(master) && !done.IsCompleted)
                    drained++;
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
            }

            await done;
        });
        Say($"{drained} masters were drained");
        Assert.InRange(drained, 1, 3);
        Assert.All(await Cluster.PodsAsync(), p => Assert.Equal("redis:7.0.15", p.Spec.Containers[0].Image));
    }

    /// <summary>Waits for the roll's end, and sees that at no time two servers of a shard are away.</summary>
    private async Task RollsAsync(int shards)
    {
        var done = Cluster.UntilReadyAsync(60 + (60 * shards));
        while (!done.IsCompleted)
        {
            var away = Fixture.Kubelet.Pods.Where(p => p.Namespace == Cluster.Namespace && p.ProcessIds.Count == 0).CountBy(p => p.Name[..^2]).Where(s => s.Value > 1).ToList();
            Assert.True(away.Count == 0, $"several pods are away at once: {string.Join(", ", away)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }

        await done;
    }
}
