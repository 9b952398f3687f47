using RedisTopology.Sidecar.Configuration;

namespace RedisTopology.Sidecar.Tests.Population;

public sealed class PopulationRuleReaderTests
{
    [Fact]
    public void The_designs_own_rules_are_read_from_a_file()
    {
        var options = Read("""
            population:
              - match: "blog:{id}"
                lazy: {origin: "http://blog-api/blogs/{id}", ttl: 10m, jitter: 10, stale: 1h, negativeTtl: 30s, timeout: 2s, maxConcurrency: 50}
              - match: "score:{id}"
                writeThrough: {origin: "http://score-api/scores/{id}", ttl: 5s, waitReplicas: 0}
            """);
        Assert.Empty(options.Errors);
        var rules = options.Options!.Population;
        Assert.Equal([false, true], rules.Select(r => r.WritesThrough));
        Assert.Equal((TimeSpan.FromMinutes(10), 10, TimeSpan.FromHours(1), TimeSpan.FromSeconds(30), 50), (rules[0].Policy.Ttl, rules[0].Policy.JitterPercent, rules[0].Policy.Stale, rules[0].Policy.NegativeTtl, rules[0].Policy.MaxConcurrency));
        Assert.Equal(TimeSpan.FromSeconds(5), rules[1].Policy.Ttl);
    }

    [Theory]
    [InlineData("[{match: \"a:{id}\"}]", "[0]: needs lazy or writeThrough, and one of them only")]
    [InlineData("[{lazy: {origin: \"http://a\", ttl: 1m}}]", "[0].match: is missing; write which keys it is for, for example \"blog:{id}\"")]
    [InlineData("[{match: \"a:{id}\", lazy: {origin: \"http://a/{id}\"}}]", "[0].lazy.ttl: is missing; write how long a value is fresh")]
    [InlineData("[{match: \"a:{id}\", lazy: {origin: \"http://a/{id}\", ttl: 10}}]", "[0].lazy.ttl: \"10\" is not a duration; write a number and its unit, for example 500ms, 5s or 1m")]
    [InlineData("[{match: \"a:{id}\", lazy: {origin: \"http://a/{id}\", ttl: 1m, jiter: 5}}]", "[0].lazy: \"jiter\" is not an option here; did you mean jitter?")]
    [InlineData("[{match: \"a:{id}\", lazy: {origin: \"http://a/{id}\", ttl: 1m, jitter: 51}}]", "[0].lazy.jitter: \"51\" is not a number from 0 to 50")]
    [InlineData("[{match: \"a:{id}\", lazy: {origin: \"http://a/{x}\", ttl: 1m}}]", "[0].lazy.origin: {x} is no placeholder of \"a:{id}\"")]
    public void What_is_wrong_is_said_with_its_place(string population, string message)
    {
        var error = Assert.Single(Read("population: " + population).Errors);
        Assert.EndsWith($"population: {message}", error, StringComparison.Ordinal);
        Assert.Contains("sidecar.yaml:2: ", error, StringComparison.Ordinal);
    }

    private static OptionsResult Read(string yaml) => new OptionsReader("sidecar.yaml", []).Read("seeds: [127.0.0.1:1]\n" + yaml);
}
