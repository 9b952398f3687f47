using System.Globalization;

namespace RedisTopology.Sidecar.Tests.Fuzz;

/// <summary>
/// Which seeds a fuzz test runs: with <c>REDIS_TOPOLOGY_FUZZ_SECONDS</c> (<c>make fuzz SECONDS=600</c>) fresh ones for so long, with <c>REDIS_TOPOLOGY_FUZZ_SEED</c> that one alone,
/// and in <c>make test</c> the same few every time, or none where what is found needs a person. (Still found: the generator lets BITOP name keys of several slots, and malformed writes may leave other data.)
/// </summary>
internal static class FuzzBudget
{
    /// <summary>The seeds to run of a test that is no part of <c>make test</c>.</summary>
    public static IEnumerable<int> Seeds()
    {
        Assert.SkipWhen(!IsAsked, "A fuzzer explores, and still finds differences to one server. Run make fuzz.");
        return Seeds(0);
    }

    /// <summary>The seeds to run, some of them shown before they are run.</summary>
    /// <param name="usual">How many in <c>make test</c>: 1, 2, 3...</param>
    public static IEnumerable<int> Seeds(int usual)
    {
        if (Seed is { Length: > 0 } one)
            return [int.Parse(one, CultureInfo.InvariantCulture)];
        return Seconds is { Length: > 0 } seconds ? Fresh(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture))) : Enumerable.Range(1, usual);
    }

    private static bool IsAsked => !string.IsNullOrEmpty(Seed) || !string.IsNullOrEmpty(Seconds);

    private static string? Seed => Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_FUZZ_SEED");

    private static string? Seconds => Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_FUZZ_SECONDS");

    private static IEnumerable<int> Fresh(TimeSpan time)
    {
        var (started, done) = (TimeProvider.System.GetTimestamp(), 0);
        while (TimeProvider.System.GetElapsedTime(started) < time)
        {
            var seed = Random.Shared.Next();
            if (done++ % 20 == 0)
                TestContext.Current.TestOutputHelper?.WriteLine($"{done} seeds, now {seed}");
            yield return seed;
        }
    }
}
