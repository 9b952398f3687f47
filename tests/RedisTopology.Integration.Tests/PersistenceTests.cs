using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>Data on volumes: it outlives the pods, the volumes grow, and they go or stay as the spec says.</summary>
public sealed class PersistenceTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    [Theory]
    [InlineData("AOF")]
    [InlineData("RDB")]
    public async Task The_data_outlives_all_pods_at_once(string mode)
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync($"size: {{memory: 64Mi}}, replicas: 1, sharding: {{count: 2}}, failover: {{nodeTimeout: 1s}}, persistence: {{mode: {mode}, storage: {{size: 128Mi}}}}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(20);
        var before = (await Cluster.PodsAsync()).Select(p => p.Uid()).ToHashSet();
        await Cluster.Client.CoreV1.DeleteCollectionNamespacedPodAsync(Cluster.Namespace, labelSelector: "cache.redistopology.io/cluster=cc", cancellationToken: Cancel);
        await Eventually.ThatAsync(Cluster.PodsAsync, pods => pods.Count == 4 && pods.All(p => !before.Contains(p.Uid())), TimeSpan.FromSeconds(90), ct: Cancel);
        await Cluster.UntilReadyAsync(120);
        Assert.Empty(await Cluster.MissingKeysAsync(20));
    }

    [Fact]
    public async Task Snapshots_become_a_log_while_the_servers_run_and_settings_are_kept()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}, persistence: {mode: RDB, storage: {size: 128Mi}}, config: {hz: '20'}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(5);
        var before = await Cluster.FingerprintAsync();
        Assert.EndsWith("20", await Cluster.RedisAsync(Cluster.Pod("s0", 0), "config", "get", "hz"), StringComparison.Ordinal);

        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}, failover: {nodeTimeout: 2500ms}, persistence: {mode: AOF, storage: {size: 128Mi}}");
        await Cluster.UntilReadyAsync();
        foreach (var ordinal in new[] { 0, 1 })
        {
            foreach (var (name, value) in new[] { ("appendonly", "yes"), ("hz", "10"), ("cluster-node-timeout", "2500") })
                Assert.EndsWith(value, await Cluster.RedisAsync(Cluster.Pod("s0", ordinal), "config", "get", name), StringComparison.Ordinal);
        }

        // What somebody changes by hand is changed back; what the servers refuse is named, and the rest is done.
        await Cluster.RedisAsync(Cluster.Pod("s0", 0), "config", "set", "appendonly", "no");
        await Eventually.ThatAsync(
            () => Cluster.RedisAsync(Cluster.Pod("s0", 0), "config", "get", "appendonly"), v => v.EndsWith("yes", StringComparison.Ordinal), TimeSpan.FromSeconds(30), ct: Cancel);
        await Cluster.ApplyAsync(
            "size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}, failover: {nodeTimeout: 2500ms}, persistence: {mode: AOF, storage: {size: 128Mi}}, config: {hz: much, maxclients: '5000'}");
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid") is { Status: "False" } valid && valid.Message.Contains("refuse \"much\" for \"hz\"", StringComparison.Ordinal), 20);
        Assert.EndsWith("5000", await Cluster.RedisAsync(Cluster.Pod("s0", 1), "config", "get", "maxclients"), StringComparison.Ordinal);
        var conf = (await Cluster.Client.CoreV1.ReadNamespacedConfigMapAsync("cc-config", Cluster.Namespace, cancellationToken: Cancel)).Data["redis.conf"];
        Assert.DoesNotContain("much", conf, StringComparison.Ordinal);
        Assert.Equal(before, await Cluster.FingerprintAsync());
        Assert.Empty(await Cluster.MissingKeysAsync(5));
    }

    [Fact]
    public async Task Volumes_grow_under_running_pods_and_go_with_pods_that_are_gone_for_good()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 2, sharding: {count: 1}, persistence: {mode: AOF, storage: {size: 128Mi}}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(5);
        var before = await Cluster.FingerprintAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 2, sharding: {count: 1}, persistence: {mode: AOF, storage: {size: 256Mi}}");
        await Eventually.ThatAsync(
            ClaimsAsync, claims => claims.Count == 3 && claims.All(c => c.Status.Capacity["storage"].ToString() == "256Mi" && c.OwnerReferences()?.Count == 1), TimeSpan.FromSeconds(60), ct: Cancel);
        await Cluster.UntilReadyAsync();
        Assert.Equal(before, await Cluster.FingerprintAsync());
        var set = await Cluster.Client.AppsV1.ReadNamespacedStatefulSetAsync("cc-s0", Cluster.Namespace, cancellationToken: Cancel);
        Assert.Equal("256Mi", set.Spec.VolumeClaimTemplates[0].Spec.Resources.Requests["storage"].ToString());

        await Cluster.ScaleAsync(1);
        await Eventually.ThatAsync(ClaimsAsync, claims => claims.Count == 2, TimeSpan.FromSeconds(60), ct: Cancel);
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}, persistence: {mode: AOF, storage: {size: 256Mi, reclaim: Retain}}");
        await Cluster.UntilReadyAsync();
        await Eventually.ThatAsync(ClaimsAsync, claims => claims.Count == 2 && claims.All(c => c.OwnerReferences() is null or { Count: 0 }), TimeSpan.FromSeconds(30), ct: Cancel);
        Assert.Empty(await Cluster.MissingKeysAsync(5));
    }

    private async Task<IList<V1PersistentVolumeClaim>> ClaimsAsync() =>
        (await Cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(Cluster.Namespace, cancellationToken: Cancel)).Items;
}
