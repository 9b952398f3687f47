using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests;

/// <summary>The operator dies at every step of everything it does, and another one finishes the work.</summary>
public sealed class CrashTests(IntegrationFixture fixture) : IntegrationTest(fixture)
{
    private const int Keys = 20;

    public static TheoryData<string, bool> Forming => Both("ApplyObjects", "SetConfigEpoch", "AssignSlots", "Meet", "Replicate", "LabelPod");

    public static TheoryData<string, bool> ScaleIn => Both("Failover", "ScaleShard", "Forget");

    public static TheoryData<string, bool> Takeover => Both("Failover", "Forget", "Replicate");

    [Theory]
    [MemberData(nameof(Forming))]
    public async Task While_forming(string step, bool after)
    {
        await CrashAsync(step, after, () => Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}"));
        await Cluster.WriteKeysAsync(Keys);
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Fact]
    public async Task After_every_single_step_while_forming()
    {
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 3}");
        var lives = await DieAfterEveryStepAsync();
        Assert.True(lives > 10, $"only {lives} lives: the gate did not stop the operator");
        TestContext.Current.SendDiagnosticMessage($"formed in {lives} lives of one step each");
    }

    [Theory]
    [MemberData(nameof(ScaleIn))]
    public async Task While_scaling_in_with_the_master_in_the_way(string step, bool after)
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(Keys);
        await Cluster.RedisAsync(Cluster.Pod("s0", 1), "cluster", "failover");
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 10);
        await Cluster.UntilReadyAsync();
        await StopOperatorAsync();

        await CrashAsync(step, after, () => Cluster.ScaleAsync(0));
        Assert.Single(await Cluster.PodsAsync());
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    [Theory]
    [MemberData(nameof(Takeover))]
    public async Task While_replacing_a_killed_master(string step, bool after)
    {
        await StartOperatorAsync();
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 1, sharding: {count: 1}, failover: {nodeTimeout: 2s}");
        await Cluster.UntilReadyAsync();
        await Cluster.WriteKeysAsync(Keys);
        await StopOperatorAsync();

        await CrashAsync(step, after, () =>
        {
            Fixture.Kubelet.Kill(Cluster.Pod("s0", 0));
            return Task.CompletedTask;
        });

        // The status still tells of the time before until the second operator has looked.
        await Cluster.UntilAsync(c => c.Status.Shards![0].Master == "cc-s0-1", 30);
        await Cluster.UntilReadyAsync();
        Assert.Empty(await Cluster.MissingKeysAsync(Keys));
    }

    private static TheoryData<string, bool> Both(params string[] steps)
    {
        var data = new TheoryData<string, bool>();
        foreach (var step in steps)
        {
            data.Add(step, false);
            data.Add(step, true);
        }

        return data;
    }
}
