using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Observation;

namespace RedisTopology.Operator.Tests.Observation;

/// <summary>What events say is advice: nothing waits for it for long. What it is is tested with a real API server.</summary>
public sealed class StartTroubleTests
{
    private static readonly ObservedTopology Short = new() { Shards = [new ObservedShard("s0", 1) { Uid = "u", ShortFor = TimeSpan.FromMinutes(1) }], Pods = [] };

    [Fact]
    public async Task A_look_goes_on_without_an_answer()
    {
        await using var api = new SilentApi();
        await using var services = api.Services();
        var time = new FakeTimeProvider();
        var asking = AskAsync(services, time, CancellationToken.None);
        await AskedAsync(api);
        Assert.False(asking.IsCompleted);

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Null(Assert.Single((await asking.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken)).Shards).Trouble);
    }

    [Fact]
    public async Task The_question_ends_with_the_look_it_is_for()
    {
        await using var api = new SilentApi();
        await using var services = api.Services();
        using var look = new CancellationTokenSource();
        var asking = AskAsync(services, new FakeTimeProvider(), look.Token);
        await AskedAsync(api);
        Assert.False(asking.IsCompleted);

        await look.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    private static Task<ObservedTopology> AskAsync(IServiceProvider services, TimeProvider time, CancellationToken look) =>
        new StartTrouble(services.GetRequiredService<IKubernetesClient>(), time).ExplainAsync(Short, "ns", new ClusterState(), look);

    private static Task<int> AskedAsync(SilentApi api) => Eventually.ThatAsync(() => Task.FromResult(api.Connections), connections => connections > 0, TimeSpan.FromSeconds(30));
}
