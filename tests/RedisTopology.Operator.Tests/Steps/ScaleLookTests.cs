using System.Text.Json.Nodes;
using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Operator.Tests.Steps;

/// <summary>
/// Before replicas are scaled away the API server is asked whether their master is being deleted, which a late cache does not show (found by the simulation: a master was evicted, its replicas
/// went in the same second, and all of them handed over to each other until none was left).
/// </summary>
public sealed class ScaleLookTests
{
    [Fact]
    public async Task The_replicas_of_a_master_that_is_being_deleted_stay()
    {
        await Assert.ThrowsAsync<StepOutdatedException>(() => ScaleAsync(new V1ObjectMeta { DeletionTimestamp = DateTime.UnixEpoch }));
        await Assert.ThrowsAsync<StepOutdatedException>(() => ScaleAsync(null));
        Assert.Equal([1], await ScaleAsync(new V1ObjectMeta()));
    }

    /// <summary>Scales shard a of two pods to one; the numbers of pods that were written.</summary>
    private static async Task<List<int>> ScaleAsync(V1ObjectMeta? master)
    {
        var written = new List<int>();
        var definition = TestClusters.Define(TestClusters.Explicit);
        var sets = Stub<IOwnedObjects>.Answering(arguments => arguments switch
        {
            [] => "StatefulSet",
            [JsonObject document, _] => Write(document),
            [_, _, _] => Task.FromResult<(V1ObjectMeta, JsonObject)?>(null),
            _ => null,
        });
        var client = Stub<IKubernetesClient>.Answering(arguments => Task.FromResult(arguments[0] is "blog-cache-a-0" && master is not null ? new PodView { Metadata = master } : null));
        var pods = new EmptyCache<PodView>();
        EventPublisher events = (_, _, _, _, _) => Task.CompletedTask;
        var owned = new OwnedObjectsByKind([sets]);
        var steps = new KubernetesSteps(owned, null!, client, pods, null!, events);
        var run = new StepRun(
            TestClusters.Of(TestClusters.Explicit), definition, ClusterManifests.Build(definition, TestClusters.Explicit), new ObservedTopology { Shards = [new ObservedShard("a", 2)] }, new ClusterState(),
            null!, TestContext.Current.CancellationToken);
        await steps.Do(new PlanStep.ScaleShard("a", 1) { Master = "blog-cache-a-0" }, run)!;
        return written;

        Task Write(JsonObject document)
        {
            written.Add((int)document["spec"]!["replicas"]!);
            return Task.CompletedTask;
        }
    }
}
