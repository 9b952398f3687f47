using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Integration.Tests.Operations;
using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Faults;

/// <summary>Kubernetes does not do what it should, or the operator is not alone.</summary>
public sealed class KubernetesFaultTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Keys = 60;

    /// <summary>A leader that was cut off goes on for a moment beside its successor. Here both go on for good, and disagree by all that their looks differ.</summary>
    [Fact]
    public async Task Two_leaders_do_each_other_no_harm()
    {
        await using var other = await OperatorInstance.StartAsync(Fixture.Plane.ClientConfiguration, Cluster.Namespace, cancellationToken: Cancel);
        await FormAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}, failover: {nodeTimeout: 2s}");
        await LosesNothingAsync("two leaders: a shard more, and a roll", async () =>
        {
            await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}, engine: {version: \"7.0.15\"}");
            await Cluster.UntilReadyAsync(180);
        });

        // An unplanned one: without a majority the takeover is the operators' business.
        await Cluster.WriteKeysAsync(Keys);
        var masters = new[] { await Cluster.MasterAsync("s0"), await Cluster.MasterAsync("s1") };
        foreach (var master in masters)
            Fixture.Kubelet.Kill(master);
        await Cluster.UntilAsync(c => Enumerable.Range(0, 2).All(i => c.Status.Shards![i].Master is { } now && $"{Cluster.Namespace}/{now}" != masters[i]), 30);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
        await NobodyRemembersAsync(6);
    }

    /// <summary>Neither clients nor the servers need Kubernetes: nobody notices that it is away, and a master that dies meanwhile is succeeded as ever.</summary>
    [Fact(DisableParallelization = true)]
    public async Task Without_the_API_server_clients_notice_nothing_and_a_lost_master_is_succeeded()
    {
        await FormAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}");
        LoadReport quiet, killed;
        try
        {
            quiet = await LosesNothingAsync("no API server", async () =>
            {
                await Fixture.Plane.StopApiServerAsync();
                await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancel);
            });
            killed = await UnderLoadAsync("no API server, and a master killed", async () =>
            {
                Fixture.Kubelet.Kill(Cluster.Pod("s0", 0));
                await Eventually.ThatAsync(() => Cluster.RedisAsync(Cluster.Pod("s0", 1), "role"), role => role.StartsWith("master", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
            });
        }
        finally
        {
            await Fixture.Plane.StartApiServerAsync(Cancel);
        }

        // Nobody is sent elsewhere, refused or cut off. A busy machine may keep a reply for longer than the load waits, and then the repetition as well.
        Assert.DoesNotContain(quiet.Troubles.Keys, t => t != "reply lost");
        Assert.InRange(quiet.LongestGap, TimeSpan.Zero, 2 * new ClusterLoadOptions().ReplyTimeout);
        Assert.InRange(killed.LongestGap, TimeSpan.Zero, UnplannedTests.OutageBound);
        Assert.Equal((0, 0), (killed.Late, killed.Errors));
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 60);
        await Cluster.UntilReadyAsync(60);
        await NobodyRemembersAsync(6);
    }

    /// <summary>A finalizer, or a kubelet that does not answer, keeps a pod that is gone: its StatefulSet makes no other one until it is away.</summary>
    [Fact]
    public async Task A_pod_stuck_in_termination_is_told_of_and_the_shard_serves_on()
    {
        const string finalizer = "example.com/hold";
        await FormAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}, failover: {nodeTimeout: 2s}");
        var core = Cluster.Client.CoreV1;
        await LosesNothingAsync("the master's pod stuck in termination", async () =>
        {
            await core.PatchNamespacedPodAsync(Merge("{\"metadata\":{\"finalizers\":[\"" + finalizer + "\"]}}"), "cc-s0-0", Cluster.Namespace, cancellationToken: Cancel);
            try
            {
                await core.DeleteNamespacedPodAsync("cc-s0-0", Cluster.Namespace, cancellationToken: Cancel);
                await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 30);
                var cluster = await Cluster.UntilAsync(
                    c => TestCluster.Condition(c, "Ready") is { Status: "False", Message: { } text } && text.Contains("cc-s0-0", StringComparison.Ordinal) && text.Contains(finalizer, StringComparison.Ordinal), 60);
                Assert.Equal("Degraded", cluster.Status.Phase);
                Assert.Equal("16384/16384", cluster.Status.SlotsCovered);
            }
            finally
            {
                await core.PatchNamespacedPodAsync(Merge("""{"metadata":{"finalizers":null}}"""), "cc-s0-0", Cluster.Namespace);
            }

            await Cluster.UntilReadyAsync(60);
        });
        await NobodyRemembersAsync(2);
    }

    /// <summary>A third of the requests fail and each is slow, for as long as it takes.</summary>
    [Fact]
    public async Task A_storm_of_API_failures_delays_a_reshard_and_harms_nothing()
    {
        await using var proxy = await FaultProxy.StartAsync(Fixture.Plane.ClientConfiguration, Cancel);
        await StartOperatorAsync(config: proxy.ClientConfiguration);
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}, failover: {nodeTimeout: 2s}");
        await Cluster.UntilReadyAsync(90);
        var dice = new Random(1);
        bool Happens(double probability)
        {
            lock (dice)
                return dice.NextDouble() < probability;
        }

        await LosesNothingAsync("an API storm", async () =>
        {
            proxy.Inject(Fault.Latency(TimeSpan.FromMilliseconds(100)), r => !r.IsWatch);
            proxy.Inject(Fault.InternalError, r => !r.IsWatch && Happens(0.15));
            proxy.Inject(Fault.TooManyRequests(TimeSpan.FromSeconds(1)), r => !r.IsWatch && Happens(0.1));
            proxy.Inject(Fault.Conflict, r => r.IsWrite && Happens(0.2));
            proxy.Inject(Fault.WatchDropped(afterEvents: 5), _ => Happens(0.5));
            proxy.InterruptWatches(Fault.WatchDropped());
            await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}, engine: {version: \"7.0.15\"}");
            await Cluster.UntilReadyAsync(180);
        });
        Assert.True(proxy.RequestCounts.Total > 20, $"only {proxy.RequestCounts.Total} requests went through the storm");
        await NobodyRemembersAsync(6);
    }

    private static V1Patch Merge(string patch) => new(patch, V1Patch.PatchType.MergePatch);
}
