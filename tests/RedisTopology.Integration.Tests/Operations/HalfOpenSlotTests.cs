using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Integration.Tests.Harness;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>
/// Every state a slot can be left in by whoever died while handing it over, made by hand while no operator runs: the operator that comes closes it, and every
/// key is where a client finds it. Whether the spec wants the slot moved or not.
/// </summary>
public sealed class HalfOpenSlotTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const int Slot = 100;
    private const int Keys = 12;
    private static readonly string[] Names = [.. Enumerable.Range(0, 1_000_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"k{i}")).Where(k => HashSlot.Of(k) == Slot).Take(Keys)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_half_open_slot_is_closed_and_no_key_is_missed(bool wanted)
    {
        await FormAsync(Spec("0-8191", "8192-16383"));
        foreach (var key in Names)
            await Cluster.RedisAsync(Cluster.Pod("a", 0), "-c", "set", key, key);
        var (source, target) = (await IdAsync("a"), await IdAsync("b"));
        foreach (var state in new[] { "importing", "migrating", "both", "half the keys", "half the keys, importing lost", "half the keys, migrating lost", "all keys", "target owns it", "target owns it, source does not know the keys went" })
        {
            await StopOperatorAsync();
            await LeaveAsync(state, source, target);
            if (wanted)
                await Cluster.ApplyAsync(Spec("0-99,101-8191", "100,8192-16383"));
            await StartOperatorAsync();
            await UntilClosedAsync(state, wanted ? "b" : "a");
            foreach (var key in Names)
                Assert.True(await Cluster.RedisAsync(Cluster.Pod("a", 0), "-c", "get", key) == key, $"{state}: {key} is missing");

            await Cluster.ApplyAsync(Spec("0-8191", "8192-16383"));
            await UntilClosedAsync($"{state}, then back", "a");
        }
    }

    private async Task LeaveAsync(string state, string source, string target)
    {
        var (a, b) = (Cluster.Pod("a", 0), Cluster.Pod("b", 0));
        var importing = state is not ("migrating" or "half the keys, importing lost");
        var migrating = state is not ("importing" or "half the keys, migrating lost");
        await Cluster.RedisAsync(b, "cluster", "setslot", $"{Slot}", "importing", source);
        if (migrating || state.Contains("keys", StringComparison.Ordinal))
            await Cluster.RedisAsync(a, "cluster", "setslot", $"{Slot}", "migrating", target);
        var keys = state switch
        {
            "importing" or "migrating" or "both" => 0,
            "all keys" or "target owns it" or "target owns it, source does not know the keys went" => Keys,
            _ => Keys / 2,
        };
        if (keys > 0)
        {
            var address = (await Cluster.PodsAsync()).First(p => p.Metadata.Name == "cc-b-0").Status.PodIP;
            await Cluster.RedisAsync(a, ["migrate", address, "6379", "", "0", "5000", "auth", await Cluster.PasswordAsync(), "keys", .. Names.Take(keys)]);
        }

        if (state.StartsWith("target owns it", StringComparison.Ordinal))
            await Cluster.RedisAsync(b, "cluster", "setslot", $"{Slot}", "node", target);
        if (!importing)
            await Cluster.RedisAsync(b, "cluster", "setslot", $"{Slot}", "stable");
        if (!migrating)
            await Cluster.RedisAsync(a, "cluster", "setslot", $"{Slot}", "stable");
    }

    private async Task UntilClosedAsync(string state, string owner)
    {
        var rest = owner == "a" ? ("0-8191", "8192-16383") : ("0-99,101-8191", "100,8192-16383");
        try
        {
            await Testing.Eventually.ThatAsync(
                Cluster.OnServersAsync,
                servers => servers["cc-a-0"].Slots == rest.Item1 && servers["cc-b-0"].Slots == rest.Item2,
                TimeSpan.FromSeconds(30));
        }
        catch (Testing.EventuallyException e)
        {
            throw new Testing.EventuallyException($"{state}: {e.Message}\n\nThe operator's log:\n{TestLog.Tail(Cluster.Namespace)}", e);
        }

        await Cluster.UntilReadyAsync();
    }

    private Task<string> IdAsync(string shard) => Cluster.RedisAsync(Cluster.Pod(shard, 0), "cluster", "myid");

    private static string Spec(string a, string b) =>
        $"size: {{memory: 64Mi}}, replicas: 0, failover: {{nodeTimeout: 2s}}, sharding: {{shards: [{{name: a, ranges: [\"{a.Replace(",", "\", \"", StringComparison.Ordinal)}\"]}}, {{name: b, ranges: [\"{b.Replace(",", "\", \"", StringComparison.Ordinal)}\"]}}]}}";
}
