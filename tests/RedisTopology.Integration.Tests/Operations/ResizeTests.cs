using System.Globalization;
using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>Pods grow and shrink, in place where the API server serves <c>pods/resize</c>, else by replacement.</summary>
public sealed class ResizeTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    [Fact]
    public async Task In_place_no_pod_is_replaced_and_no_container_restarts()
    {
        _ = Fixture.Kubelet;
        Prerequisites.Served(Fixture.Plane, "v1", "pods/resize");
        await FormAsync(Spec("64Mi"));
        var before = await Cluster.FingerprintAsync();
        await ThereAndBackAsync("in place");
        Assert.Equal(before, await Cluster.FingerprintAsync());
    }

    [Fact]
    public async Task By_replacement_where_in_place_is_not_served()
    {
        _ = Fixture.Kubelet;
        Prerequisites.Require(!Fixture.Plane.Serves("v1", "pods/resize"), "needs an API server without pods/resize; this one resizes in place.");
        await FormAsync(Spec("64Mi"));
        await ThereAndBackAsync("by replacement");
    }

    [Fact]
    public async Task A_dataset_that_does_not_fit_is_not_cut()
    {
        await FormAsync("size: {memory: 160Mi, evictionPolicy: noeviction}, replicas: 0, sharding: {count: 1}");
        for (var i = 0; i < 12; i++)
            await Cluster.RedisAsync(Cluster.Pod("s0", 0), "eval", "for i = 1, 50 do redis.call('setrange', KEYS[1] .. i, 100000, 'x') end", "1", $"{{big}}{i}:");
        var before = await Cluster.RedisAsync(Cluster.Pod("s0", 0), "dbsize");
        await Cluster.ApplyAsync("size: {memory: 64Mi, evictionPolicy: noeviction}, replicas: 0, sharding: {count: 1}");
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "Progressing")!.Message.Contains("the eviction policy keeps keys", StringComparison.Ordinal), 60);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Cancel);
        Assert.Equal(before, await Cluster.RedisAsync(Cluster.Pod("s0", 0), "dbsize"));
        Assert.All(await Cluster.PodsAsync(), p => Assert.Equal("160Mi", Limit(p)));
    }

    /// <summary>The new redis.conf is there before any pod has grown. A server that ends in between must not start with more than its container may hold.</summary>
    [Fact]
    public async Task A_server_that_restarts_before_its_pod_has_grown_keeps_to_the_memory_it_has()
    {
        const string Before = "maxmemory 33554432\n", After = "maxmemory 67108864\n";
        await FormAsync(Spec("64Mi"));
        await Cluster.ApplyAsync(Spec("64Mi") + ", paused: true");
        var config = await Cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("cc-config", Cluster.Namespace, cancellationToken: Cancel);
        Assert.Contains(Before, config.Data["redis.conf"], StringComparison.Ordinal);
        config.Data["redis.conf"] = config.Data["redis.conf"].Replace(Before, After, StringComparison.Ordinal);
        config.Metadata.ManagedFields = null;
        await Cluster.Client.CoreV1.ReplaceNamespacedConfigMapAsync(config, "cc-config", Cluster.Namespace, cancellationToken: Cancel);

        var pod = Cluster.Pod("s0", 1);
        await Eventually.ThatAsync(
            async () => (await Fixture.Kubelet.ExecAsync(pod, null, ["cat", "/config/redis.conf"], Cancel)).Stdout,
            text => text.Contains(After, StringComparison.Ordinal), TimeSpan.FromSeconds(60), describe: _ => "the pod does not see the new redis.conf");
        Fixture.Kubelet.Kill(pod);
        await Cluster.UntilRestartedAsync("s0", 1);
        Assert.Equal("33554432", await Eventually.ThatAsync(
            async () => (await Cluster.RedisAsync(pod, "config", "get", "maxmemory")).Split('\n').ElementAtOrDefault(1) ?? "", text => text.Length > 0, TimeSpan.FromSeconds(60), describe: t => t));
    }

    /// <summary>The first pod that is to grow never comes back: the other one keeps the memory it has, and buffers that fit into it.</summary>
    [Fact]
    public async Task A_pod_that_has_not_grown_keeps_its_buffers()
    {
        await FormAsync(Spec("64Mi"));
        await Cluster.ApplyAsync(Spec("128Mi") + ", engine: {image: \"registry.invalid/no-such-server:1\"}");
        await Eventually.ThatAsync(
            Cluster.PodsAsync, pods => pods.Any(p => p.Status.ContainerStatuses?[0].State.Waiting is not null && p.Name() == "cc-s0-1"), TimeSpan.FromSeconds(60), describe: _ => "no pod waits for its image");
        Assert.Equal(2 << 20, await BytesAsync(Cluster.Pod("s0", 0), "repl-backlog-size"));
        await Cluster.ApplyAsync(Spec("128Mi"));
        await Cluster.UntilReadyAsync(180);
        foreach (var ordinal in new[] { 0, 1 })
            Assert.Equal(4 << 20, await BytesAsync(Cluster.Pod("s0", ordinal), "repl-backlog-size"));
    }

    private async Task<long> BytesAsync(string pod, string setting) => long.Parse((await Cluster.RedisAsync(pod, "config", "get", setting)).Split('\n')[1], CultureInfo.InvariantCulture);

    private async Task ThereAndBackAsync(string how)
    {
        await LosesNothingAsync($"64 Mi, 128 Mi, 64 Mi {how}", async () =>
        {
            foreach (var memory in new[] { "128Mi", "64Mi" })
            {
                await Cluster.ApplyAsync(Spec(memory));
                await Cluster.UntilReadyAsync(180);
                var pods = await Cluster.PodsAsync();
                Assert.All(pods, p => Assert.Equal(memory, Limit(p)));
                foreach (var pod in pods)
                {
                    Assert.Equal(memory == "128Mi" ? 64 << 20 : 32 << 20, await BytesAsync($"{Cluster.Namespace}/{pod.Name()}", "maxmemory"));
                    Assert.Equal(memory == "128Mi" ? 4 << 20 : 2 << 20, await BytesAsync($"{Cluster.Namespace}/{pod.Name()}", "repl-backlog-size"));
                }
            }
        });
    }

    private static string? Limit(V1Pod pod) => (pod.Status.ContainerStatuses?[0].Resources?.Limits ?? pod.Spec.Containers[0].Resources.Limits)["memory"].ToString();

    private static string Spec(string memory) => $"size: {{memory: {memory}, maxMemoryPercent: 50}}, replicas: 1, sharding: {{count: 1}}, failover: {{nodeTimeout: 2s}}";
}
