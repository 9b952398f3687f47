using System.Globalization;
using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>Every field that may change is edited at random, several at once, before the last edit is done. As long as you like: <c>make storm MINUTES=10 SEED=1</c>.</summary>
public sealed class StormTests(IntegrationFixture fixture)
{
    private const string Minutes = "REDIS_TOPOLOGY_STORM_MINUTES";

    /// <summary>One round, of clients of the cluster. (A sidecar's reads from replicas can miss a key that has just been moved: README, "Limits".)</summary>
    [Theory]
    [InlineData(1)]
    public async Task A_short_storm_loses_nothing_and_ends_as_the_spec_says(int seed)
    {
        _ = fixture.Kubelet;
        Say(seed, await StormRun.RunAsync(fixture, new StormOptions(seed) { Rounds = 1, Most = 6 }));
    }

    [Fact(DisableParallelization = true)]
    public async Task A_long_storm_of_random_seeds()
    {
        if (Environment.GetEnvironmentVariable(Minutes) is not { Length: > 0 })
            Assert.Skip($"{Minutes} is not set: run make storm");
        _ = fixture.Kubelet;
        var (minutes, seed) = (Asked(Minutes, 10), (int)Asked("REDIS_TOPOLOGY_STORM_SEED", Random.Shared.Next(1_000_000)));
        var (began, results) = (TimeProvider.System.GetTimestamp(), new List<StormResult>());

        do
        {
            // Every third one through a sidecar too.
            var options = new StormOptions(seed) { Sidecar = seed % 3 == 0, Faults = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_STORM_FAULTS") is { Length: > 0 } };
            results.Add(await StormRun.RunAsync(fixture, options));
            Say(seed++, results[^1]);
        }
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(minutes));

        Write(string.Create(
            CultureInfo.InvariantCulture,
            $"{results.Count} clusters in {TimeProvider.System.GetElapsedTime(began).TotalMinutes:0.0} min: {results.Sum(r => r.Edits)} edits, {results.Sum(r => r.Events)} events, {results.Sum(r => r.Faults)} of them faults, {results.Sum(r => r.Written)} writes and {results.Sum(r => r.Reads)} reads checked, {results.Sum(r => r.Lost)} lost, two owners for at most {results.Max(r => r.LongestDouble).TotalMilliseconds:0} ms"));
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
