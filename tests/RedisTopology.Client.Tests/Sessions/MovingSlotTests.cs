using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Testing;

namespace RedisTopology.Client.Tests.Sessions;

/// <summary>Straight reads of a slot whose keys are moved one by one: replicas know nothing of it.</summary>
public sealed class MovingSlotTests
{
    private const string Gone = "{moving}:gone", Kept = "{moving}:kept";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly string Slot = HashSlot.Of(Gone).ToString(CultureInfo.InvariantCulture);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_announced_slot_is_read_from_its_master_and_from_a_replica_again_afterwards()
    {
        await using var cluster = await LocalCluster.StartAsync(2, 1, ct: Ct);
        var from = HashSlot.Of(Gone) < HashSlot.Count / 2 ? 0 : 1;
        var (source, target, replica) = (cluster.Masters[from], cluster.Masters[1 - from], cluster.Replicas[from]);
        using var client = new StraightClient(cluster.Seeds, CacheConsistency.Eventual);
        foreach (var key in (string[])[Gone, Kept])
            await client.Cache.SetAsync<string>(key, key);
        await Eventually.ThatAsync(() => IsAtAsync(replica, client), at => at, Limit, ct: Ct);
        using (var announcement = RespSocket.Connect(source.Port))
        {
            announcement.Call("SUBSCRIBE", "__redistopology:opening");
            announcement.Call("SUBSCRIBE", $"__redistopology:opening:{Slot}");
            await Eventually.ThatAsync(() => IsAtAsync(replica, client), at => !at, Limit, ct: Ct);

            var (sourceId, targetId) = ((string)(await source.ExecuteAsync("CLUSTER", "MYID"))!, (string)(await target.ExecuteAsync("CLUSTER", "MYID"))!);
            await target.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "IMPORTING", sourceId);
            await source.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "MIGRATING", targetId);
            await source.ExecuteAsync("MIGRATE", "127.0.0.1", target.Port.ToString(CultureInfo.InvariantCulture), Gone, "0", "5000");
            await Eventually.ThatAsync(async () => (await source.ExecuteAsync("DBSIZE"), await replica.ExecuteAsync("DBSIZE")), sizes => Equals(sizes.Item1, sizes.Item2), Limit, ct: Ct);
            for (var i = 0; i < 50; i++)
                Assert.Equal((Gone, Kept), (await client.Cache.GetAsync<string>(Gone, Ct), await client.Cache.GetAsync<string>(Kept, Ct)));

            await source.ExecuteAsync("MIGRATE", "127.0.0.1", target.Port.ToString(CultureInfo.InvariantCulture), Kept, "0", "5000");
            await target.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "NODE", targetId);
            await source.ExecuteAsync("CLUSTER", "SETSLOT", Slot, "NODE", targetId);
        }

        await Eventually.ThatAsync(
            async () =>
            {
                Assert.Equal(Kept, await client.Cache.GetAsync<string>(Kept, Ct));
                return await IsAtAsync(cluster.Replicas[1 - from], client);
            },
            at => at,
            Limit,
            ct: Ct);
    }

    /// <summary>Whether a server is asked when the client reads.</summary>
    private static async Task<bool> IsAtAsync(RedisProcess server, StraightClient client)
    {
        var before = await ReadsAsync(server);
        await client.Cache.GetAsync<string>(Kept, Ct);
        return await ReadsAsync(server) > before;
    }

    private static async Task<long> ReadsAsync(RedisProcess server)
    {
        var line = ((string)(await server.ExecuteAsync("INFO", "commandstats"))!).Split('\n').FirstOrDefault(l => l.StartsWith("cmdstat_get:calls=", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line["cmdstat_get:calls=".Length..].Split(',')[0], CultureInfo.InvariantCulture);
    }
}
