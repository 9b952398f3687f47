using k8s;
using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests;

/// <summary>A mistake in a spec is named and does no harm; the next good spec is accepted.</summary>
public sealed class InvalidSpecTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const string Good = "size: {memory: 64Mi}, replicas: 1, sharding: {shards: [{name: a, ranges: [\"0-8191\"]}, {name: b, ranges: [\"8192-16383\"]}]}";

    /// <summary>What an API server without CEL lets through; with CEL it never gets as far as the operator (see <c>CelRulesTests</c>).</summary>
    private static readonly (string Spec, string Message)[] Mistakes =
    [
        ("size: {memory: 64Mi}, replicas: 1, sharding: {count: 2, shards: [{name: a, ranges: [\"0-16383\"]}]}", "spec.sharding: give exactly one of count and shards"),
        ("size: {memory: 64Mi}, replicas: 1, sharding: {mode: HashSlot}", "spec.sharding: give exactly one of count and shards"),
        ("size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: [\"0-8191\"]}, {name: b, ranges: [\"8193-16383\"]}]}", "slots 8192 belong to no shard"),
        ("size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: [\"0-8192\"]}, {name: b, ranges: [\"8192-16383\"]}]}", "slots 8192 are given to both a and b"),
        ("size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: [\"0-8191\", \"100\"]}, {name: b, ranges: [\"8192-16383\"]}]}", "overlaps another range of the same shard"),
        ("size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: [\"0-20000\"]}]}", "is outside the hash slots 0-16383"),
        ("size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: [\"9000-1\"]}]}", "is backwards"),
        ("size: {memory: 64Mi}, sharding: {shards: [{name: nodes, ranges: [\"0-16383\"]}]}", "choose another name"),
        ("size: {memory: 1Mi}, sharding: {count: 1}", "spec.size.memory: 1Mi is too little"),
        ("size: {memory: 0}, sharding: {count: 1}", "spec.size.memory must be above 0"),
        ("size: {memory: 64Mi}, engine: {version: \"6.2\"}, sharding: {count: 1}", "spec.engine.version: Redis 6.2 is too old"),
        ("size: {memory: 64Mi}, engine: {type: Valkey, version: \"7.0\"}, sharding: {count: 1}", "spec.engine.version: Valkey 7.0 is too old"),
        ("size: {memory: 64Mi}, replicas: 1, failover: {durability: Bounded}, sharding: {count: 1}", "spec.failover.durability: Bounded needs at least 2 replicas"),
        ("size: {memory: 64Mi}, engine: {type: Valkey, version: \"8.0\"}, sharding: {shards: [{name: a, ranges: [\"0-8191\"]}, {name: b, ranges: [\"8192-16383\"]}]}", "spec.engine.type cannot be changed"),
        ("size: {memory: 64Mi}, auth: {existingSecret: other}, sharding: {shards: [{name: a, ranges: [\"0-8191\"]}, {name: b, ranges: [\"8192-16383\"]}]}", "spec.auth.existingSecret cannot be changed"),
        ("size: {memory: 64Mi}, persistence: {mode: AOF}, sharding: {shards: [{name: a, ranges: [\"0-8191\"]}, {name: b, ranges: [\"8192-16383\"]}]}", "spec.persistence.mode: None cannot be changed"),
        ("size: {memory: 64Mi}, config: {maxmemory: 1gb}, sharding: {shards: [{name: a, ranges: [\"0-8191\"]}, {name: b, ranges: [\"8192-16383\"]}]}", "spec.config: \"maxmemory\" is the operator's: use spec.size.memory"),
        ("size: {memory: 64Mi}, config: {max-clients: \"5\"}, sharding: {shards: [{name: a, ranges: [\"0-8191\"]}, {name: b, ranges: [\"8192-16383\"]}]}", "did you mean \"maxclients\"?"),
    ];

    [Fact]
    public async Task Each_mistake_is_named_within_ten_seconds_and_the_data_plane_is_left_alone()
    {
        Assert.SkipWhen(Fixture.Plane.ServerVersion >= new Version(1, 25), $"Kubernetes {Fixture.Plane.ServerVersion} refuses these itself, by CEL: see CelRulesTests");
        await StartOperatorAsync();
        await Cluster.ApplyAsync(Good);
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(10);
        var before = await Cluster.FingerprintAsync();

        foreach (var (spec, message) in Mistakes)
        {
            await Cluster.ApplyAsync(spec);
            var seen = await Cluster.UntilAsync(
                c => c.Status.ObservedGeneration == c.Metadata.Generation && TestCluster.Condition(c, "SpecValid") is { Status: "False" } valid && valid.Message.Contains(message, StringComparison.Ordinal), 10, message);
            Assert.Equal("Invalid", seen.Status.Phase);
            Assert.True(TestCluster.Is(seen, "SlotsCovered"));
        }

        Assert.Equal(before, await Cluster.FingerprintAsync());
        Assert.Empty(await Cluster.MissingKeysAsync(10));

        // A cluster whose spec is wrong is healed all the same, by an operator that never saw the right one, and although somebody deleted the ConfigMap that remembers it.
        await StopOperatorAsync();
        await Cluster.Client.CoreV1.DeleteNamespacedConfigMapAsync("cc-config", Cluster.Namespace, cancellationToken: Cancel);
        await StartOperatorAsync();
        Fixture.Kubelet.Kill(Cluster.Pod("a", 1));
        await Cluster.UntilRestartedAsync("a", 1);
        await Cluster.UntilAsync(c => TestCluster.Is(c, "Ready"), 30);

        await Cluster.ApplyAsync(Good);
        await Cluster.UntilReadyAsync(20);
        Assert.Empty(await Cluster.MissingKeysAsync(10));
    }

    [Fact]
    public async Task A_new_cluster_with_a_mistake_waits_for_a_good_spec()
    {
        Assert.SkipWhen(Fixture.Plane.ServerVersion >= new Version(1, 25), $"Kubernetes {Fixture.Plane.ServerVersion} refuses these itself, by CEL: see CelRulesTests");
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, sharding: {shards: [{name: a, ranges: [\"0-100\"]}]}");
        var invalid = await Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid")?.Status == "False", 10);
        Assert.Equal("Invalid", invalid.Status.Phase);
        Assert.Empty(await Cluster.PodsAsync());
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {shards: [{name: a, ranges: [\"0-16383\"]}]}");
        await Cluster.UntilReadyAsync();
    }

    [Fact]
    public async Task An_object_of_somebody_else_is_not_taken_over()
    {
        await StartOperatorAsync();
        await Fixture.Plane.ApplyAsync("{apiVersion: v1, kind: Service, metadata: {name: cc-masters}, spec: {selector: {app: theirs}, ports: [{port: 1, protocol: TCP}]}}", Cluster.Namespace, Cancel);
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        var taken = await Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid")?.Status == "False", 20);
        Assert.Contains("metadata.name: Service/cc-masters exists and was not made by this operator", TestCluster.Condition(taken, "SpecValid")!.Message, StringComparison.Ordinal);
        var service = await Cluster.Client.CoreV1.ReadNamespacedServiceAsync("cc-masters", Cluster.Namespace, cancellationToken: Cancel);
        Assert.Equal("theirs", service.Spec.Selector["app"]);
    }

    [Fact]
    public async Task Paused_observes_and_changes_nothing()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}, paused: true");
        await Cluster.UntilAsync(c => c.Status.Phase == "Paused" || TestCluster.Condition(c, "SpecValid")?.Status == "False", 20);
        Assert.Empty(await Cluster.PodsAsync());
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 2, sharding: {count: 1}, paused: true");
        await Cluster.UntilAsync(c => c.Status.Phase == "Paused" && c.Status.ObservedGeneration == c.Metadata.Generation, 20);
        Assert.Single(await Cluster.PodsAsync());
    }
}
