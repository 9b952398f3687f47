using k8s;
using k8s.Models;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Kubernetes;
using RedisTopology.Operator;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests;

/// <summary>The operator as a process among others: what it asks of the API server, what it is allowed, and what happens when either is missing.</summary>
public sealed class OperationTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const string ThreeShards = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}, failover: {nodeTimeout: 2s}";

    [Fact]
    public async Task A_steady_cluster_costs_no_writes_and_hardly_a_read()
    {
        await using var proxy = await FaultProxy.StartAsync(Fixture.Plane.ClientConfiguration, Cancel);
        await StartOperatorAsync(config: proxy.ClientConfiguration);
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(5);

        // The last status and events are on their way still; from then on there are at least two full observations.
        await Task.Delay(TimeSpan.FromSeconds(16), TimeProvider.System, Cancel);
        proxy.ResetCounts();
        await Task.Delay(TimeSpan.FromSeconds(32), TimeProvider.System, Cancel);
        Assert.Equal(0, proxy.RequestCounts.Writes);

        // The clients' Secret at each look.
        Assert.InRange(proxy.RequestCounts["GET", "secrets"], 1, 4);
        Assert.InRange(proxy.RequestCounts.Total - proxy.RequestCounts["GET", "secrets"], 0, 1);
    }

    [Fact]
    public async Task The_generated_role_is_enough_and_reads_no_foreign_secret()
    {
        var role = ManifestsCommand.Generate().First(f => f.Path.StartsWith("rbac/", StringComparison.Ordinal)).Text;
        await Fixture.Plane.ApplyAsync("{apiVersion: v1, kind: Namespace, metadata: {name: redis-topology-system}}", ct: Cancel);
        await Fixture.Plane.ApplyAsync(role, ct: Cancel);
        await Fixture.Plane.ApplyAsync(
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: test-operator}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: redis-topology-operator}, subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: test-operator}]}", ct: Cancel);
        var user = await Fixture.Plane.CreateUserAsync("test-operator", []);
        await StartOperatorAsync(config: user);
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();
        await Cluster.ScaleAsync(0);
        await Cluster.UntilReadyAsync();

        using var client = new k8s.Kubernetes(user);
        foreach (var (verb, resource) in new[] { ("list", "secrets"), ("watch", "secrets"), ("create", "pods"), ("update", "nodes"), ("create", "clusterroles") })
        {
            var review = await client.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(
                new V1SelfSubjectAccessReview
                {
                    Spec = new V1SelfSubjectAccessReviewSpec
                    {
                        ResourceAttributes = new V1ResourceAttributes { Verb = verb, Resource = resource, NamespaceProperty = Cluster.Namespace, Group = resource == "clusterroles" ? "rbac.authorization.k8s.io" : "" },
                    },
                },
                cancellationToken: Cancel);
            Assert.False(review.Status.Allowed, $"the operator may {verb} {resource}");
        }
    }

    [Fact]
    public async Task Deletion_leaves_nothing_behind()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}");
        await Cluster.UntilReadyAsync();
        await Cluster.DeleteAsync();
        await Eventually.ThatAsync(LeftoversAsync, left => left.Count == 0, TimeSpan.FromSeconds(60));

        // And the name can be used again at once.
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();

        async Task<List<string>> LeftoversAsync()
        {
            var (core, ns) = (Cluster.Client.CoreV1, Cluster.Namespace);
            return [
                .. (await core.ListNamespacedPodAsync(ns)).Items.Select(o => o.Name()),
                .. (await core.ListNamespacedServiceAsync(ns)).Items.Select(o => o.Name()),
                .. (await core.ListNamespacedConfigMapAsync(ns)).Items.Select(o => o.Name()).Where(n => n != "kube-root-ca.crt"),
                .. (await core.ListNamespacedSecretAsync(ns)).Items.Where(s => s.Type == "Opaque").Select(o => o.Name()),
                .. (await Cluster.Client.AppsV1.ListNamespacedStatefulSetAsync(ns)).Items.Select(o => o.Name())];
        }
    }

    [Fact(DisableParallelization = true)]
    public async Task Without_operator_and_API_server_a_failover_happens_all_the_same()
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync(ThreeShards);
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(20);
        await StopOperatorAsync();
        await Fixture.Plane.StopApiServerAsync();
        try
        {
            Fixture.Kubelet.Kill(Cluster.Pod("s1", 0));
            await Eventually.ThatAsync(
                () => Cluster.RedisAsync(Cluster.Pod("s1", 1), "role"), role => role.StartsWith("master", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
        }
        finally
        {
            await Fixture.Plane.StartApiServerAsync(Cancel);
        }

        await StartOperatorAsync();
        await Cluster.UntilAsync(c => c.Status.Shards![1].Master == "cc-s1-1", 30);
        await Cluster.UntilReadyAsync(60);
        Assert.Empty(await Cluster.MissingKeysAsync(20));
    }

    [Fact]
    public async Task Every_misbehaviour_of_the_API_server_is_survived()
    {
        await using var proxy = await FaultProxy.StartAsync(Fixture.Plane.ClientConfiguration, Cancel);
        proxy.Inject(Fault.InternalError, r => !r.IsWatch, 5);
        proxy.Inject(Fault.TooManyRequests(TimeSpan.FromSeconds(1)), r => !r.IsWatch, 3);
        await StartOperatorAsync(config: proxy.ClientConfiguration);
        proxy.Inject(Fault.Conflict, r => r.Verb == "PATCH", 4);
        await Cluster.ApplyAsync(ThreeShards);
        await Cluster.UntilAsync(c => c.Status.Phase is "Forming" or "Ready", 60);
        foreach (var fault in new[] { Fault.WatchDropped(), Fault.WatchExpired(), Fault.WatchClosed(), Fault.WatchMalformed() })
        {
            proxy.InterruptWatches(fault);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancel);
        }

        await Cluster.UntilReadyAsync(90);
        await proxy.BeginOutageAsync();
        Fixture.Kubelet.Kill(Cluster.Pod("s0", 0));
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, Cancel);
        await proxy.EndOutageAsync(Cancel);
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 60);
        await Cluster.UntilReadyAsync(60);
    }

    [Fact]
    public async Task When_the_leader_stops_another_instance_goes_on()
    {
        void Elect(OperatorSettings settings)
        {
            settings.LeaderElectionType = LeaderElectionType.Single;
            settings.Namespace = Cluster.Namespace;
        }

        await using var first = await OperatorInstance.StartAsync(Fixture.Plane.ClientConfiguration, Cluster.Namespace, configure: Elect, cancellationToken: Cancel);
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();
        await StartOperatorAsync(configure: Elect);
        await first.StopAsync();
        await Cluster.ScaleAsync(1);
        await Cluster.UntilReadyAsync(30);
    }
}
