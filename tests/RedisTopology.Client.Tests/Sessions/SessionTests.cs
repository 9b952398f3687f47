using RedisTopology.Testing;

namespace RedisTopology.Client.Tests.Sessions;

/// <summary>What this process wrote it reads, though replicas are behind: Nagle's algorithm holds their stream up for as long as the kernel delays an acknowledgement.</summary>
public sealed class SessionTests(ITestOutputHelper output)
{
    private const int Writes = 150;

    [Fact]
    public async Task A_session_reads_its_own_writes_where_eventual_reads_do_not()
    {
        await using var cluster = await LocalCluster.StartAsync(1, 1, new RedisProcessOptions { Config = { "repl-disable-tcp-nodelay yes" } });
        var eventual = await StaleAsync(cluster, CacheConsistency.Eventual);
        var session = await StaleAsync(cluster, CacheConsistency.Session);
        output.WriteLine($"Of {Writes} reads after writes were stale: eventual {eventual}, session {session}");
        Assert.Equal(0, session);
        Assert.True(eventual > 0, "the control was never stale: replicas were not behind, and this shows nothing");
    }

    private static async Task<int> StaleAsync(LocalCluster cluster, CacheConsistency consistency)
    {
        using var fixture = new StraightClient(cluster.Seeds, consistency);
        var stale = 0;
        for (var i = 0; i < Writes; i++)
        {
            var key = $"{consistency}:{i % 10}";
            await fixture.Cache.SetAsync<string>(key, $"{i}");
            if (await fixture.Cache.GetAsync<string>(key) != $"{i}")
                stale++;
        }

        return stale;
    }
}
