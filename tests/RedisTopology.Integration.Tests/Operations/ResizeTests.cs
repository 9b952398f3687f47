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
                    var maxMemory = (await Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Name()}", "config", "get", "maxmemory")).Split('\n')[1];
                    Assert.Equal(memory == "128Mi" ? 64 << 20 : 32 << 20, long.Parse(maxMemory, null));
                }
            }
        });
    }

    private static string? Limit(V1Pod pod) => (pod.Status.ContainerStatuses?[0].Resources?.Limits ?? pod.Spec.Containers[0].Resources.Limits)["memory"].ToString();

    private static string Spec(string memory) => $"size: {{memory: {memory}, maxMemoryPercent: 50}}, replicas: 1, sharding: {{count: 1}}, failover: {{nodeTimeout: 2s}}";
}
