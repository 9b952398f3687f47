using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Steps;
using RedisTopology.Operator.Tests.Slots;

namespace RedisTopology.Operator.Tests.Steps;

/// <summary>
/// Before an election the API server is asked whether the master's pod runs again: at another address nobody has asked it yet (found by the simulation: a master that was back with its data,
/// which a late cache did not show, was succeeded). Only an answer counts: elections are held while the API server is away, too.
/// </summary>
public sealed class ElectionLookTests
{
    [Fact]
    public async Task A_master_whose_pod_runs_again_is_not_succeeded()
    {
        await using var world = await SlotWorld.CreateAsync(1, 1);
        var state = new ClusterState();
        await Assert.ThrowsAsync<StepOutdatedException>(() => OrderAsync(world, state, _ => Task.FromResult<PodView?>(Pod())));
        Assert.Empty(state.Elections);
        await OrderAsync(world, state, _ => Task.FromResult<PodView?>(null));
        Assert.Single(state.Elections);
    }

    [Fact]
    public async Task An_api_server_that_does_not_answer_is_not_waited_for()
    {
        await using var world = await SlotWorld.CreateAsync(1, 1);
        var state = new ClusterState();
        await OrderAsync(world, state, async stop =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            return null;
        });
        Assert.Single(state.Elections);
    }

    private static PodView Pod() => new()
    {
        Metadata = new V1ObjectMeta { Name = "blog-a-0" },
        Status = new PodView.PodStatusView
        {
            ContainerStatuses =
            [
                new PodView.ContainerView { Name = StatefulSetManifest.Container, ContainerID = "1", State = new PodView.ContainerStateView { Running = new V1ContainerStateRunning() } },
            ],
        },
    };

    /// <summary>Has the replica stand for election; the cache does not show the master's pod.</summary>
    private static async Task OrderAsync(SlotWorld world, ClusterState state, Func<CancellationToken, Task<PodView?>> api)
    {
        var run = new StepRun(TestClusters.Of(TestClusters.Even), TestClusters.Define(TestClusters.Even), [], new ObservedTopology(), state, await world.PooledAsync(), TestContext.Current.CancellationToken);
        var client = Stub<IKubernetesClient>.Answering(arguments => api((CancellationToken)arguments[^1]!));
        var steps = new RedisSteps(client, new EmptyCache<PodView>(), (_, _, _, _, _) => Task.CompletedTask, world.Metrics, TimeProvider.System);
        await steps.Do(new PlanStep.Failover(await world.RefAsync(world.Nodes[1]), FailoverKind.Forced, "it is silent") { From = "blog-x-0" }, run)!;
    }
}
