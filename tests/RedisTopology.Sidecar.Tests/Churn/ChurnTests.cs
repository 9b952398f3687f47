using System.Globalization;

namespace RedisTopology.Sidecar.Tests.Churn;

/// <summary>Clients come and go at random: none is given another's reply, and memory stays what it was. An hour of it: <c>make soak MINUTES=60</c>, at the native binary.</summary>
public sealed class ChurnTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    private const long Growth = 24 << 20;

    [Fact]
    public void Random_disconnects_mix_nothing_up_and_cost_no_memory()
    {
        var minutes = Asked("REDIS_TOPOLOGY_SOAK_MINUTES", 0.1);
        var load = new ChurnLoad(fixture.Sidecar.Port, threads: 8, TimeSpan.FromMilliseconds(Asked("REDIS_TOPOLOGY_SOAK_PAUSE", 0)));

        // Buffers find their size, code is compiled.
        load.Run(seed: 1, TimeSpan.FromMinutes(Math.Min(minutes, 2)));
        var samples = new List<(double Minutes, double KiB)>();
        var (before, started) = (fixture.Sidecar.ResidentBytes(), TimeProvider.System.GetTimestamp());
        for (var round = 2; TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromMinutes(minutes) && load.Mismatches.Count == 0; round++)
        {
            load.Run(round * 1000, TimeSpan.FromMinutes(Math.Min(minutes, 1)));
            samples.Add((TimeProvider.System.GetElapsedTime(started).TotalMinutes, fixture.Sidecar.ResidentBytes() >> 10));
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{TimeProvider.System.GetElapsedTime(started).TotalMinutes:0.0} min: {load.Connections} connections, {load.Replies} replies, {load.Mismatches.Count} wrong, RSS {samples[^1].KiB:0} KiB, was {before >> 10}; {Slope(samples):0.0} KiB a minute"));
        }

        Assert.Empty(load.Mismatches);
        Assert.True(load.Connections > 50 && load.Replies > 500, $"{load.Connections} connections, {load.Replies} replies");
        Assert.InRange(fixture.Sidecar.ResidentBytes() - before, long.MinValue, Growth);
    }

    private static double Asked(string name, double usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } asked ? double.Parse(asked, CultureInfo.InvariantCulture) : usual;

    // Of the straight line that fits best.
    private static double Slope(List<(double Minutes, double KiB)> samples)
    {
        var (minutes, size) = (samples.Average(s => s.Minutes), samples.Average(s => s.KiB));
        var spread = samples.Sum(s => (s.Minutes - minutes) * (s.Minutes - minutes));
        return spread == 0 ? 0 : samples.Sum(s => (s.Minutes - minutes) * (s.KiB - size)) / spread;
    }
}
