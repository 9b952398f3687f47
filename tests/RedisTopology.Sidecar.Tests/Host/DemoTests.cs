using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Host;

/// <summary>What <c>make sidecar-demo</c> shows, it does.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task It_reads_and_writes_over_shards_and_through_a_failover()
    {
        using var directory = TestDirectory.Create("sidecar-demo");
        var environment = new Dictionary<string, string> { ["SIDECAR"] = $"dotnet {Path.Combine(AppContext.BaseDirectory, "redis-topology-sidecar.dll")}", ["SIDECAR_PORT"] = "9379" };
        await using var demo = ManagedProcess.Start("bash", [Path.Combine(Repository.Root, "tests/scripts/sidecar-demo.sh"), "--once"], directory["log"], environment);
        await Eventually.TrueAsync(() => Task.FromResult(demo.HasExited), TimeSpan.FromSeconds(120), ct: TestContext.Current.CancellationToken);
        var shown = await File.ReadAllTextAsync(directory["log"], TestContext.Current.CancellationToken);
        Assert.True(demo.ExitCode == 0, shown);
        Assert.Contains("MGET apple banana cherry\nred\nyellow\nred\n", shown, StringComparison.Ordinal);
        Assert.Contains("SET bar survived\nOK\n", shown, StringComparison.Ordinal);
        Assert.Contains("GET bar\nsurvived\n", shown, StringComparison.Ordinal);
        Assert.Contains("/livez\nok\n", shown, StringComparison.Ordinal);
    }
}
