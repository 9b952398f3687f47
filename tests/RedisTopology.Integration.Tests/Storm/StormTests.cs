using System.Globalization;
using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>Every field that may change is edited at random, several at once, before the last edit is done. As long as you like: <c>make storm MINUTES=10 SEED=1</c>.</summary>
public sealed class StormTests(IntegrationFixture fixture)
{
    private const string Minutes = "REDIS_TOPOLOGY_STORM_MINUTES";

    /// <summary>One round, with clients of a sidecar beside those of the cluster.</summary>
    [Theory]
    [InlineData(1)]
    public async Task A_short_storm_loses_nothing_and_ends_as_the_spec_says(int seed)
    {
        _ = fixture.Kubelet;
        Say(seed, await StormRun.RunAsync(fixture, new StormOptions(seed) { Rounds = 1, Most = 6, Sidecar = true }));
    }

    [Fact(DisableParallelization = true)]
    public async Task A_long_storm_of_random_seeds()
    {
        if (Environment.GetEnvironmentVariable(Minutes) is not { Length: > 0 })
            Assert.Skip($"{Minutes} is not set: run make storm");
        _ = fixture.Kubelet;
        var (minutes, seed) = (Asked(Minutes, 10), (int)Asked("REDIS_TOPOLOGY_STORM_SEED", Random.Shared.Next(1_000_000)));
        var (began, results, failed) = (TimeProvider.System.GetTimestamp(), new List<StormResult>(), new List<int>());
        for (; results.Count + failed.Count == 0 || TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(minutes); seed++)
        {
            try
            {
                results.Add(await StormRun.RunAsync(fixture, Options(seed)));
                Say(seed, results[^1]);
            }
            catch (StormException e)
            {
                failed.Add(seed);
                Write(e.Message);
            }
        }

        Sum(results, TimeProvider.System.GetElapsedTime(began));
        Assert.Empty(failed);
    }

    /// <summary>Every third one through a sidecar too, or as asked: none of them, or all, which then read from masters.</summary>
    private static StormOptions Options(int seed)
    {
        var sidecar = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_STORM_SIDECAR");
        return new StormOptions(seed)
        {
            Sidecar = sidecar == "master" || (sidecar != "no" && seed % 3 == 0),
            ReadFrom = sidecar == "master" ? "Master" : null,
            Engine = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_STORM_ENGINE") is { Length: > 0 } engine ? engine : null,
            Faults = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_STORM_FAULTS") is { Length: > 0 },
        };
    }

    private static void Sum(List<StormResult> results, TimeSpan took)
    {
        if (results.Count == 0)
            return;
        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Count} clusters in {took.TotalMinutes:0.0} min: {results.Sum(r => r.Edits)} edits, {results.Sum(r => r.Events)} events, {results.Sum(r => r.Faults)} of them faults, {results.Sum(r => r.Written)} writes and {results.Sum(r => r.Reads)} reads checked, {results.Sum(r => r.Lost)} lost, two owners for at most {results.Max(r => r.LongestDouble).TotalMilliseconds:0} ms"));
        foreach (var kind in results.SelectMany(r => r.Gaps).GroupBy(g => g.Kind).OrderBy(k => k.Key, StringComparer.Ordinal))
        {
            var gaps = kind.Select(g => g.Gap.TotalMilliseconds).Order().ToList();
            Write(string.Create(CultureInfo.InvariantCulture, $"gap {kind.Key}: {gaps.Count} times, median {gaps[gaps.Count / 2]:0} p99 {gaps[(int)(gaps.Count * 0.99)]:0} longest {gaps[^1]:0} ms"));
        }
    }

    private static double Asked(string name, double usual) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } asked ? double.Parse(asked, CultureInfo.InvariantCulture) : usual;

    private static void Say(int seed, StormResult result) => Write(string.Create(
        CultureInfo.InvariantCulture,
        $"seed {seed}: {result.Edits} edits, {result.Events} events, {result.Faults} of them faults; two owners for at most {result.LongestDouble.TotalMilliseconds:0} ms\n{result.Text}"));

    private static void Write(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        Console.Error.WriteLine($"  {text}");
    }
}
