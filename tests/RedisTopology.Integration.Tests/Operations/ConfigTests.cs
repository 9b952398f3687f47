using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>Settings change: while the servers run where they can, by a roll where they must.</summary>
public sealed class ConfigTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const string Spec = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}, failover: {nodeTimeout: 2s}";

    [Fact]
    public async Task Live_settings_change_on_every_server_without_touching_a_pod_and_drift_is_mended()
    {
        await FormAsync(Spec);
        var before = await Cluster.FingerprintAsync();
        await LosesNothingAsync("live settings", async () =>
        {
            await Cluster.ApplyAsync(Spec.Replace("2s", "3s", StringComparison.Ordinal) + ", config: {hash-max-listpack-entries: \"64\", slowlog-log-slower-than: \"5000\"}");
            await UntilEverywhereAsync(("hash-max-listpack-entries", "64"), ("slowlog-log-slower-than", "5000"), ("cluster-node-timeout", "3000"));

            // By somebody's hand, at one server.
            await Cluster.RedisAsync(Cluster.Pod("s1", 1), "config", "set", "hash-max-listpack-entries", "7");
            await UntilEverywhereAsync(("hash-max-listpack-entries", "64"));

            // What the spec no longer names is as the engine has it.
            await Cluster.ApplyAsync(Spec);
            await UntilEverywhereAsync(("hash-max-listpack-entries", "512"), ("slowlog-log-slower-than", "10000"), ("cluster-node-timeout", "2000"));
        });
        await Cluster.UntilReadyAsync();
        Assert.Equal(before, await Cluster.FingerprintAsync());
    }

    [Fact]
    public async Task A_setting_that_is_read_at_the_start_alone_rolls_the_pods()
    {
        await FormAsync(Spec);
        var before = (await Cluster.PodsAsync()).Select(p => p.Uid()).ToHashSet();
        await LosesNothingAsync("a setting that needs a restart", async () =>
        {
            await Cluster.ApplyAsync(Spec + ", config: {tcp-backlog: \"128\"}");
            await UntilEverywhereAsync(("tcp-backlog", "128"));
            await Cluster.UntilReadyAsync(120);
        });
        Assert.DoesNotContain(await Cluster.PodsAsync(), p => before.Contains(p.Uid()));
    }

    private async Task UntilEverywhereAsync(params (string Key, string Value)[] settings) => await Eventually.ThatAsync(
        async () =>
        {
            var differ = new List<string>();
            foreach (var pod in await Cluster.PodsAsync())
            {
                foreach (var (key, value) in settings)
                {
                    if (await Cluster.RedisAsync($"{Cluster.Namespace}/{pod.Name()}", "config", "get", key) is var now && now != $"{key}\n{value}")
                        differ.Add($"{pod.Name()}: {now.Replace('\n', ' ')}");
                }
            }

            return differ;
        },
        differ => differ.Count == 0,
        TimeSpan.FromSeconds(120),
        TimeSpan.FromMilliseconds(500));
}
