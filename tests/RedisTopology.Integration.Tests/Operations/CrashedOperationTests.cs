using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>The operator dies at every step of every operation, under load; another one finishes it, and nothing is lost.</summary>
public sealed class CrashedOperationTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const string Size = "size: {memory: 64Mi}, failover: {nodeTimeout: 2s}";

    public static TheoryData<string, string> Steps => [.. Operations.SelectMany(o => o.Steps.Select(s => (o.Name, s)))];

    public static TheoryData<string> Whole => [.. Operations.Select(o => o.Name)];

    private static Operation[] Operations =>
    [
        new("shard added", $"{Size}, replicas: 0, sharding: {{count: 2}}", $"{Size}, replicas: 0, sharding: {{count: 3}}", ["ApplyObjects", "Meet", "MoveSlots"]),
        new("shard removed", $"{Size}, replicas: 0, sharding: {{count: 3}}", $"{Size}, replicas: 0, sharding: {{count: 2}}", ["MoveSlots", "RemoveShard", "Forget"]),
        new("image", $"{Size}, replicas: 1, sharding: {{count: 1}}", $"{Size}, replicas: 1, sharding: {{count: 1}}, engine: {{version: \"7.0.15\"}}", ["RestartPod", "Failover", "Replicate"]),
        new("image without replicas", $"{Size}, replicas: 0, sharding: {{count: 1}}", $"{Size}, replicas: 0, sharding: {{count: 1}}, engine: {{version: \"7.0.15\"}}", ["ScaleShard"]),
    ];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Before_one_step(string operation, string step)
    {
        var (_, before, wanted, _) = Operations.First(o => o.Name == operation);
        await FormAsync(before);
        await StopOperatorAsync();
        await LosesNothingAsync($"{operation}, operator dead before {step}", () => CrashAsync(step, after: false, () => Cluster.ApplyAsync(wanted)));
        await SettledAsync();
    }

    [Theory]
    [MemberData(nameof(Whole))]
    public async Task After_every_single_step(string operation)
    {
        var (_, before, wanted, _) = Operations.First(o => o.Name == operation);
        await FormAsync(before);
        await StopOperatorAsync();
        await LosesNothingAsync($"{operation}, operator dead after each step", async () =>
        {
            await Cluster.ApplyAsync(wanted);
            var lives = await DieAfterEveryStepAsync(240);
            Say($"{operation}: done in {lives} lives of one step each");
            Assert.InRange(lives, 4, int.MaxValue);
        });
        await SettledAsync();
    }

    /// <summary>The killed one is a process this time, and the instant is anybody's guess.</summary>
    [Fact]
    public async Task At_any_instant_of_a_reshard()
    {
        await FormAsync($"{Size}, replicas: 1, sharding: {{count: 2}}");
        await StopOperatorAsync();
        var random = new Random(20261123);
        var kills = 0;
        await LosesNothingAsync("operator process killed at random instants of a reshard", async () =>
        {
            foreach (var count in new[] { 4, 2 })
            {
                await Cluster.ApplyAsync($"{Size}, replicas: 1, sharding: {{count: {count}}}");
                for (var i = 0; i < 5; i++)
                {
                    await using var killed = await OperatorExecutable.StartAsync(Fixture.Plane.KubeconfigPath, Cluster.Namespace, Cancel);
                    await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 2500)), TimeProvider.System, Cancel);
                    await killed.KillAsync();
                    kills++;
                }

                await using var last = await OperatorExecutable.StartAsync(Fixture.Plane.KubeconfigPath, Cluster.Namespace, Cancel);
                await Cluster.UntilReadyAsync(120);
            }
        });
        Say($"killed {kills} times");
        await SettledAsync();
    }

    /// <summary>No slot is left half-open, and nobody remembers who left.</summary>
    private async Task SettledAsync()
    {
        var servers = await Cluster.OnServersAsync();
        Assert.DoesNotContain(servers, s => s.Value.Slots.Contains('[', StringComparison.Ordinal));
        await NobodyRemembersAsync(servers.Count);
    }

    private sealed record Operation(string Name, string Before, string Wanted, string[] Steps);
}
