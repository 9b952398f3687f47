using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Tests.Manifests;

public sealed class PopulationConfigTests
{
    [Fact]
    public void Rules_are_written_as_sidecars_read_them()
    {
        var yaml = PopulationConfig.Render(
        [
            new() { Match = "blog:{id}", Lazy = new() { Origin = "http://blog-api/blogs/{id}", Ttl = "10m", Jitter = 10, Stale = "1h", NegativeTtl = "30s", Timeout = "2s", MaxConcurrency = 50 } },
            new() { Match = "a\"b\\:{id}", WriteThrough = new() { Origin = "http://score-api/{id}", Ttl = "5s", WaitReplicas = 1 } },
        ]);
        Assert.Equal(
            """
            population:
            - match: "blog:{id}"
              lazy: {origin: "http://blog-api/blogs/{id}", ttl: 10m, jitter: 10, stale: 1h, negativeTtl: 30s, timeout: 2s, maxConcurrency: 50}
            - match: "a\"b\\:{id}"
              writeThrough: {origin: "http://score-api/{id}", ttl: 5s, waitReplicas: 1}

            """,
            yaml);
        Assert.Equal("", PopulationConfig.Render(null));
    }
}
