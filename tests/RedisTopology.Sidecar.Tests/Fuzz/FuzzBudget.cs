using System.Globalization;

namespace RedisTopology.Sidecar.Tests.Fuzz;

/// <summary>
/// Which seeds a fuzz test runs: with <c>REDIS_TOPOLOGY_FUZZ_SECONDS</c> (<c>make fuzz SECONDS=600</c>) fresh ones for so long, with <c>REDIS_TOPOLOGY_FUZZ_SEED</c> that one alone,
/// and in <c>make test</c> the same few every time, then fresh ones for a while. A failure names its seed.
/// </summary>
internal static class FuzzBudget
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(15);

    /// <summary>The seeds to run.</summary>
    /// <param name="same">How many in <c>make test</c> are the same every time: 1, 2, 3...</param>
    public static IEnumerable<int> Seeds(int same)
    {
        if (Seed is { Length: > 0 } one)
            return [int.Parse(one, CultureInfo.InvariantCulture)];
        return Seconds is { Length: > 0 } seconds ? Fresh(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))) : Enumerable.Range(1, same).Concat(Fresh(Usual));
    }

    private static string? Seed => Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_FUZZ_SEED");

    private static string? Seconds => Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_FUZZ_SECONDS");

    private static IEnumerable<int> Fresh(TimeSpan time)
    {
        var (started, done, first) = (TimeProvider.System.GetTimestamp(), 0, Random.Shared.Next());
        while (TimeProvider.System.GetElapsedTime(started) < time)
            yield return unchecked(first + done++) & int.MaxValue;
        TestContext.Current.TestOutputHelper?.WriteLine($"{done} fresh seeds, from {first} on");
    }
}
