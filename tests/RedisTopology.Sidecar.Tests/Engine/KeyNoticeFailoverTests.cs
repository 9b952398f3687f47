using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Those who listen to notices of keys, when masters change.</summary>
public sealed class KeyNoticeFailoverTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("__keyspace@0__:*")]
    [InlineData("__key*__:*")]
    public async Task Notices_come_from_new_masters_and_each_once(string pattern)
    {
        Prerequisites.Program("redis-server", "redis-server");
        await using var cluster = await LocalCluster.StartAsync(3, 1, ct: Ct);
        foreach (var node in cluster.Nodes)
            await node.ExecuteAsync("CONFIG", "SET", "notify-keyspace-events", "Kx");
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: Ct);
        using RawClient listener = new(sidecar.Port), writer = new(sidecar.Port);
        listener.Must("PSUBSCRIBE", pattern);
        for (var i = 0; i < 2; i++)
        {
            // The new master is known when all that ends there is heard: the former one, now a replica, tells of what is written, but of no end of a lifetime.
            await cluster.Replicas[i].ExecuteAsync("CLUSTER", "FAILOVER");
            var turn = i;
            await Eventually.ThatAsync(() => cluster.Replicas[turn].ExecuteAsync("ROLE"), role => ((object?[])role!)[0] is "master", TimeSpan.FromSeconds(30), ct: Ct);
            var heard = 0;
            await Eventually.ThatAsync(
                async () =>
                {
                    for (var k = 0; k < 40; k++)
                        writer.Must("SET", $"probe:{turn}:{heard}:{k}", "1", "PX", "50");
                    var round = heard++;
                    var told = new List<string>();
                    for (var quiet = 0; quiet < 50; quiet++)
                    {
                        for (; listener.HasMore; quiet = 0)
                            told.Add(Reply.Parse(listener.Receive()).Array[2].Text!["__keyspace@0__:".Length..]);
                        writer.Must("PING");
                        await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ct);
                    }

                    return told.Where(k => k.StartsWith($"probe:{turn}:{round}:", StringComparison.Ordinal)).Order().SequenceEqual(Enumerable.Range(0, 40).Select(k => $"probe:{turn}:{round}:{k}").Order());
                },
                eachOnce => eachOnce,
                TimeSpan.FromSeconds(60),
                ct: Ct);
        }
    }
}
