using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Sidecar.Tests.Failures;

/// <summary>Masters are lost and come back, and the sidecar is never restarted: claim 6 of the design, at length in <c>make bench ARGS="--only cycles"</c>.</summary>
public sealed class MasterLossTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AfterEachOfThreeMastersWasKilled_WritesFlowAgain() => await RunAsync([MasterLoss.Killed, MasterLoss.Killed, MasterLoss.Killed]);

    [Fact]
    public async Task AfterAMasterWasCutOffWithoutAReset_WritesFlowAgain()
    {
        await BlackHole.RequireAsync();
        await RunAsync([MasterLoss.CutOff, MasterLoss.Frozen]);
    }

    private static async Task RunAsync(MasterLoss[] losses)
    {
        await using var cycles = await MasterLossCycles.StartAsync(nodeTimeout: 1000, ct: Ct);
        foreach (var loss in losses)
        {
            // Ends with an exception when a client is stuck for a minute.
            var outage = await cycles.RunAsync(loss, Ct);
            TestContext.Current.TestOutputHelper?.WriteLine($"{loss}: {outage}");
        }

        var report = await cycles.StopAsync(Ct);
        TestContext.Current.TestOutputHelper?.WriteLine($"{report}");

        // Replication is asynchronous: a master takes with it what it had no time to pass on. Nothing else may be wrong, and every client is answered.
        Assert.Equal((0, 0, 0), (report.Doubled, report.Late, report.Errors));
        Assert.True(report.Lost + report.Stale + report.FalseNils < 100, $"{report}");
    }
}
