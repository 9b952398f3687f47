using System.Globalization;
using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>What is on disk outlives every process.</summary>
public sealed class PersistenceTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Keys = 40;

    [Theory]
    [InlineData("AOF", 0)]
    [InlineData("AOF", 1)]
    [InlineData("RDB", 1)]
    public async Task The_whole_cluster_restarts_with_all_its_data(string mode, int replicas)
    {
        await FormAsync(Spec(mode, replicas));
        await Cluster.WriteKeysAsync(Keys);
        var ids = await IdsAsync();
        if (mode == "AOF")
        {
            // At once and without a word: what was acknowledged had been handed to the operating system.
            foreach (var pod in await Cluster.PodsAsync())
                Fixture.Kubelet.Kill($"{Cluster.Namespace}/{pod.Name()}");
            await Cluster.UntilAsync(c => c.Status.Phase != "Ready", 30);
        }
        else
        {
            // A snapshot is written on the way down.
            var before = (await Cluster.PodsAsync()).Select(p => p.Uid()).ToHashSet();
            await Cluster.Client.CoreV1.DeleteCollectionNamespacedPodAsync(Cluster.Namespace, labelSelector: "cache.redistopology.io/cluster=cc", cancellationToken: Cancel);
            await Eventually.ThatAsync(Cluster.PodsAsync, pods => pods.Count == before.Count && pods.All(p => !before.Contains(p.Uid())), TimeSpan.FromSeconds(90), describe: pods => string.Join('\n', pods.Select(p => p.Name())));
        }

        await Cluster.UntilReadyAsync(120);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        Assert.Equal(ids, await IdsAsync());
    }

    [Fact]
    public async Task A_roll_without_replicas_and_with_a_disk_loses_nothing()
    {
        var spec = Spec("AOF", 0);
        await FormAsync(spec);
        await LosesNothingAsync("roll, no replicas, AOF", async () =>
        {
            await Cluster.ApplyAsync(spec + ", engine: {version: \"7.0.15\"}");
            await Cluster.UntilReadyAsync(180);
        });
        Assert.All(await Cluster.PodsAsync(), p => Assert.Equal("redis:7.0.15", p.Spec.Containers[0].Image));
    }

    [Fact]
    public async Task Storage_grows_and_does_not_shrink_and_goes_with_the_cluster()
    {
        await FormAsync(Spec("RDB", 0));
        var before = await Cluster.FingerprintAsync();
        await LosesNothingAsync("storage grows", async () =>
        {
            await Cluster.ApplyAsync(Spec("RDB", 0, "2Gi"));
            await Eventually.ThatAsync(ClaimsAsync, claims => claims.Count == 2 && claims.All(c => c == "2Gi 2Gi"), TimeSpan.FromSeconds(60));
            await Cluster.UntilReadyAsync();
        });
        Assert.Equal(before, await Cluster.FingerprintAsync());

        // With CEL the API server refuses, without it the operator does; either way nothing shrinks.
        try
        {
            await Cluster.ApplyAsync(Spec("RDB", 0));
            await Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid") is { Status: "False" } condition && condition.Message.Contains("storage", StringComparison.Ordinal), 15);
        }
        catch (HttpRequestException e)
        {
            Assert.Contains("storage", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(["2Gi 2Gi", "2Gi 2Gi"], await ClaimsAsync());
        await Cluster.DeleteAsync();
        await Eventually.ThatAsync(ClaimsAsync, claims => claims.Count == 0, TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task Retained_volumes_stay_and_the_next_cluster_of_that_name_has_the_data()
    {
        var spec = Spec("AOF", 0).Replace("reclaim: Delete", "reclaim: Retain", StringComparison.Ordinal);
        await FormAsync(spec);
        await Cluster.WriteKeysAsync(Keys);
        await Cluster.DeleteAsync();
        await Eventually.ThatAsync(Cluster.PodsAsync, pods => pods.Count == 0, TimeSpan.FromSeconds(90), describe: pods => $"{pods.Count} pods");
        Assert.Equal(2, (await ClaimsAsync()).Count);
        await Cluster.ApplyAsync(spec);
        await Cluster.UntilReadyAsync(120);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    /// <summary>Every claim's requested and present size.</summary>
    private async Task<List<string>> ClaimsAsync() => [.. (await Cluster.Client.CoreV1.ListNamespacedPersistentVolumeClaimAsync(Cluster.Namespace, cancellationToken: Cancel)).Items
        .Select(c => $"{c.Spec.Resources.Requests["storage"]} {(c.Status.Capacity is { } has ? has["storage"].ToString() : "")}")];

    private async Task<string> IdsAsync()
    {
        var ids = new List<string>();
        foreach (var pod in (await Cluster.PodsAsync()).OrderBy(p => p.Name(), StringComparer.Ordinal))
            ids.Add($"{pod.Name()} {await Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Name()}", "cluster", "myid")}");
        return string.Join('\n', ids);
    }

    private static string Spec(string mode, int replicas, string storage = "1Gi") => string.Create(
        CultureInfo.InvariantCulture,
        $"size: {{memory: 64Mi}}, replicas: {replicas}, sharding: {{count: 2}}, failover: {{nodeTimeout: 2s}}, persistence: {{mode: {mode}, storage: {{size: {storage}, reclaim: Delete}}}}");
}
