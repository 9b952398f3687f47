using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Metrics;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Admin;

/// <summary>Whether the sidecar lives, and whether it is of use.</summary>
/// <param name="loops">What the loops count.</param>
/// <param name="topology">The topology.</param>
/// <param name="isAccepting">Whether clients are accepted.</param>
/// <param name="troubles">Why servers do not say where slots are, by server.</param>
/// <param name="failoverBuffer">How long commands wait for a shard.</param>
internal sealed class HealthChecks(
    IReadOnlyList<LoopMetrics> loops, ITopology topology, Func<bool> isAccepting, Func<IReadOnlyDictionary<string, string>> troubles, Func<TimeSpan> failoverBuffer)
{
    /// <summary>A loop turns at least every 100 ms. On a machine without a core to spare it may be late by much, and a restart would cost every client its connection.</summary>
    internal const int StuckMilliseconds = 10_000;

    // A master that refuses connections for no longer than commands wait is an ordinary failover; seconds all the same where they do not wait, and a minute is no failover.
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(5), MostPatience = TimeSpan.FromMinutes(1);

    /// <summary>What keeps it from living: only a restart would help.</summary>
    /// <returns>Reasons; none when it lives.</returns>
    public IReadOnlyList<string> Dead()
    {
        var now = Environment.TickCount64;
        return [.. loops.Select((l, i) => (Loop: i, Silent: l.LastTurn == 0 ? 0 : now - l.LastTurn))
            .Where(l => l.Silent > StuckMilliseconds)
            .Select(l => string.Create(CultureInfo.InvariantCulture, $"loop {l.Loop} has not turned for {l.Silent / 1000} s"))];
    }

    /// <summary>What keeps it from serving every key.</summary>
    /// <returns>Reasons; none when it is ready.</returns>
    public IReadOnlyList<string> NotReady()
    {
        var reasons = new List<string>(Dead());
        if (!isAccepting())
            reasons.Add("clients are not accepted: starting or draining");
        var map = topology.Current;
        if (ReferenceEquals(map, ClusterMap.Empty))
            reasons.Add(string.Join("; ", ["the topology is not known yet: no seed has answered", .. troubles().Select(t => $"{t.Key}: {t.Value}")]));
        else if (Unowned(map) is { Length: > 0 } unowned)
            reasons.Add($"slots without an owner: {unowned}");
        foreach (var shard in map.Shards.Where(s => s.Master is null))
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"shard {shard.Index} has no master"));
        reasons.AddRange(map.Shards.Select(Refusal).OfType<string>());
        return reasons;
    }

    private string? Refusal(Shard shard)
    {
        if (shard.Master is not { RefusesSince: > 0 and var since } master)
            return null;
        var time = TimeSpan.FromMilliseconds(Environment.TickCount64 - since);
        var patience = TimeSpan.FromTicks(Math.Clamp(failoverBuffer().Ticks, LeastPatience.Ticks, MostPatience.Ticks));
        return time > patience ? string.Create(CultureInfo.InvariantCulture, $"shard {shard.Index}: no connection to its master {master} could be opened for {time.TotalSeconds:0} s: {master.Refusal}") : null;
    }

    private static string Unowned(ClusterMap map)
    {
        var ranges = new List<string>();
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            if (map.Of(slot) is not null)
                continue;
            var first = slot;
            while (slot + 1 < HashSlot.Count && map.Of(slot + 1) is null)
                slot++;
            ranges.Add(first == slot ? $"{first}" : $"{first}-{slot}");
        }

        return string.Join(", ", ranges);
    }
}
