using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Core.Hashing;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Kubernetes;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>Whatever is taken away comes back, and with it all data of which a copy is left.</summary>
public sealed class HealingTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const int Keys = 30;
    private const string ThreeShards = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}";

    [Fact]
    public async Task Deleted_and_changed_objects_are_put_back()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}");
        var before = await Cluster.FingerprintAsync();
        var (core, ns) = (Cluster.Client.CoreV1, Cluster.Namespace);

        // Not through the typed calls: an old server answers a deletion with a Status, which they cannot read.
        var client = Operator.Services.GetRequiredService<IKubernetesClient>();
        foreach (var service in new[] { "cc", "cc-nodes", "cc-masters", "cc-replicas", "cc-s0" })
            await client.DeleteAsync(new V1Service { Metadata = new V1ObjectMeta { Name = service, NamespaceProperty = ns } }, cancellationToken: Cancel);
        await core.DeleteNamespacedConfigMapAsync("cc-config", ns);
        await core.PatchNamespacedServiceAsync(new V1Patch("""{"spec":{"selector":{"cache.redistopology.io/role":"somebody-else"}}}""", V1Patch.PatchType.MergePatch), await RecreatedAsync("cc-masters"), ns);

        await Eventually.ThatAsync(
            async () => (await core.ListNamespacedServiceAsync(ns)).Items.Select(s => $"{s.Name()} {string.Join(',', s.Spec.Selector.Keys.Order())}").Order().ToList(),
            services => services.SequenceEqual([
                "cc cache.redistopology.io/cluster",
                "cc-masters cache.redistopology.io/cluster,cache.redistopology.io/role",
                "cc-nodes cache.redistopology.io/cluster",
                "cc-replicas cache.redistopology.io/cluster,cache.redistopology.io/role",
                "cc-s0 cache.redistopology.io/cluster,cache.redistopology.io/shard"]),
            TimeSpan.FromSeconds(20));
        await Eventually.TrueAsync(async () => (await core.ListNamespacedConfigMapAsync(ns)).Items.Any(m => m.Name() == "cc-config"), TimeSpan.FromSeconds(20));

        await Cluster.Client.AppsV1.DeleteNamespacedStatefulSetAsync("cc-s0", ns, propagationPolicy: "Orphan");
        await Eventually.TrueAsync(
            async () => (await Cluster.Client.AppsV1.ListNamespacedStatefulSetAsync(ns)).Items is [{ Metadata.DeletionTimestamp: null } only] && only.Status.Replicas == 2, TimeSpan.FromSeconds(20));
        await Cluster.UntilReadyAsync();
        Assert.Equal(before, await Cluster.FingerprintAsync());
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));


        async Task<string> RecreatedAsync(string service)
        {
            await Eventually.TrueAsync(async () => (await core.ListNamespacedServiceAsync(ns)).Items.Any(s => s.Name() == service), TimeSpan.FromSeconds(20));
            return service;
        }
    }

    [Fact]
    public async Task A_deleted_StatefulSet_with_its_pods_comes_back_and_the_other_shards_keep_their_data()
    {
        await FormAsync(ThreeShards);
        await Cluster.Client.AppsV1.DeleteNamespacedStatefulSetAsync("cc-s1", Cluster.Namespace, propagationPolicy: "Background");
        await Cluster.UntilAsync(c => c.Status.Phase != "Ready");
        await Cluster.UntilReadyAsync(90);
        Assert.All(await Cluster.MissingKeysAsync(Keys), key => Assert.InRange(HashSlot.Of(key), 5461, 10922));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_killed_master_is_succeeded_by_its_replica_without_loss(int shards)
    {
        await FormAsync($"size: {{memory: 64Mi}}, replicas: 1, sharding: {{count: {shards}}}, failover: {{nodeTimeout: 2s}}");
        var master = await Cluster.MasterAsync("s0");
        Fixture.Kubelet.Kill(master);
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 30);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        Assert.Equal("replica", (await Cluster.OnServersAsync())["cc-s0-0"].Role);
        await Eventually.ThatAsync(
            async () => (await Cluster.EventsAsync()).Select(e => e.Reason).ToHashSet(), reasons => reasons.Contains("MasterChanged"), TimeSpan.FromSeconds(10));
    }

    /// <summary>Of itself nobody would miss it for a minute.</summary>
    [Fact]
    public async Task A_master_whose_process_has_ended_is_succeeded_long_before_the_node_timeout()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 60s}");
        Fixture.Kubelet.Kill(await Cluster.MasterAsync("s0"));
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 30);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        Assert.Contains(await Cluster.EventsAsync(), e => e.Reason == "Failover" && e.Message.EndsWith("s0-0's process has ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_killed_replica_comes_back_in_sync_under_its_identity()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 2, sharding: {count: 1}");
        var id = await Cluster.RedisAsync(Cluster.Pod("s0", 2), "cluster", "myid");
        Fixture.Kubelet.Kill(Cluster.Pod("s0", 2));
        await Cluster.UntilRestartedAsync("s0", 2);
        await Eventually.ThatAsync(() => Cluster.RedisAsync(Cluster.Pod("s0", 2), "info", "replication"), info => info.Contains("master_link_status:up", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        Assert.Equal(id, await Cluster.RedisAsync(Cluster.Pod("s0", 2), "cluster", "myid"));
        await Cluster.UntilReadyAsync();
        Assert.Equal("cc-s0-0", (await Cluster.GetAsync())!.Status.Shards![0].Master);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task A_master_without_replicas_comes_back_empty_and_serves()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 2}, failover: {nodeTimeout: 2s}");
        Fixture.Kubelet.Kill(Cluster.Pod("s1", 0));
        await Cluster.UntilAsync(c => c.Status.SlotsCovered != "16384/16384");
        await Cluster.UntilReadyAsync();
        Assert.All(await Cluster.MissingKeysAsync(Keys), key => Assert.InRange(HashSlot.Of(key), 8192, 16383));
        await Cluster.WriteKeysAsync(Keys);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task All_servers_killed_at_once_form_again(int shards)
    {
        await FormAsync($"size: {{memory: 64Mi}}, replicas: 1, sharding: {{count: {shards}}}, failover: {{nodeTimeout: 2s}}");
        foreach (var pod in await Cluster.PodsAsync())
            Fixture.Kubelet.Kill($"{Cluster.Namespace}/{pod.Name()}");
        await Cluster.UntilAsync(c => c.Status.Phase != "Ready");
        await Cluster.UntilReadyAsync(90);
        await Cluster.WriteKeysAsync(Keys);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task All_pods_restarted_with_new_addresses_at_once_find_each_other_again()
    {
        await FormAsync(ThreeShards);
        var before = (await Cluster.PodsAsync()).Select(p => p.Status.PodIP).ToHashSet();
        await Task.WhenAll((await Cluster.PodsAsync()).Select(p => Fixture.Kubelet.RestartSandboxAsync($"{Cluster.Namespace}/{p.Name()}")));
        await Cluster.UntilAsync(c => c.Status.Phase != "Ready");
        await Cluster.UntilReadyAsync(60);
        Assert.DoesNotContain((await Cluster.PodsAsync()).Select(p => p.Status.PodIP), before.Contains);
        await Cluster.WriteKeysAsync(Keys);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task Pods_restarted_with_new_addresses_one_after_another_lose_nothing()
    {
        await FormAsync(ThreeShards);
        foreach (var pod in await Cluster.PodsAsync())
        {
            await Fixture.Kubelet.RestartSandboxAsync($"{Cluster.Namespace}/{pod.Name()}");
            await Cluster.UntilAsync(c => c.Status.Phase != "Ready");
            await Cluster.UntilReadyAsync(60);
        }

        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task A_deleted_master_hands_over_before_it_goes()
    {
        await FormAsync(ThreeShards);
        var master = (await Cluster.MasterAsync("s2")).Split('/')[1];
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(master, Cluster.Namespace, cancellationToken: Cancel);
        await Cluster.UntilAsync(c => c.Status.Shards![2].Master is { } now && now != master, 10);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task All_pods_deleted_at_once_form_again()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}");
        await Cluster.Client.CoreV1.DeleteCollectionNamespacedPodAsync(Cluster.Namespace, labelSelector: "cache.redistopology.io/cluster=cc", gracePeriodSeconds: 0, cancellationToken: Cancel);
        await Cluster.UntilAsync(c => c.Status.Phase != "Ready");
        await Cluster.UntilReadyAsync(90);
        await Cluster.WriteKeysAsync(Keys);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task A_deleted_Secret_comes_back_with_the_password_the_servers_use()
    {
        // Also when the operator is another one by then, which never saw it: what the servers accept is written down in a Secret of its own.
        await FormAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        var password = await Cluster.PasswordAsync();
        await Cluster.Client.CoreV1.DeleteNamespacedSecretAsync("cc-auth", Cluster.Namespace, cancellationToken: Cancel);
        await StopOperatorAsync();
        await StartOperatorAsync();
        await Eventually.ThatAsync(Cluster.PasswordAsync, p => p == password, TimeSpan.FromSeconds(30));
    }

    private async Task FormAsync(string spec)
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync(spec);
        await Cluster.UntilReadyAsync(90);
        await Cluster.WriteKeysAsync(Keys);
    }
}
