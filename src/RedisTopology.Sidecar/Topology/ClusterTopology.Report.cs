using System.Globalization;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Sidecar.Topology;

// What people are shown.
public sealed partial class ClusterTopology
{
    /// <summary>The topology as it is seen now. Any thread may ask.</summary>
    /// <returns>A copy.</returns>
    public TopologyReport Report()
    {
        lock (_gate)
        {
            var now = Environment.TickCount64;
            var map = _current;
            return new()
            {
                Known = map != ClusterMap.Empty,
                ClusterOk = _belief is { StateOk: true },
                Epoch = map.Epoch,
                MapAgeSeconds = map == ClusterMap.Empty ? null : (now - _changedAt) / 1000.0,
                ConfirmedAgoSeconds = _confirmedAt == 0 ? null : (now - _confirmedAt) / 1000.0,
                LastRefreshReason = _lastRound?.Reason,
                LastRefreshOutcome = _lastRound?.Outcome,
                LastRefreshTroubles = _lastRound?.Troubles() ?? [],
                UnservedSlots = Enumerable.Range(0, HashSlot.Count).Count(s => map.Of(s)?.Master is null),
                SlotsReadFromMasters = map.Held.Count,
                Shards = [.. map.Shards.Select(s => Report(s, map, now))],
            };
        }
    }

    private ShardReport Report(Shard shard, ClusterMap map, long now) => new(
        shard.Index,
        Ranges(shard, map),
        shard.Master is { } master ? Report(master, null, now) : null,
        [.. shard.Replicas.Select(r => Report(r, r.InSync, now))]);

    private NodeReport Report(Node node, bool? inSync, long now)
    {
        var agent = _agents.GetValueOrDefault(node.EndPoint);
        var (heard, caughtUpTo) = (node.HeardAt, node.CaughtUpTo);
        return new(
            node.ToString(),
            node.EndPoint.ToString(),
            agent?.Id,
            node.Zone,
            agent is { Answers: true },
            agent?.Trouble,
            node.Refusal,
            heard == 0 ? null : now - heard,
            inSync,
            inSync is null || caughtUpTo == 0 ? null : Math.Max(0, heard - caughtUpTo));
    }

    private static List<string> Ranges(Shard shard, ClusterMap map)
    {
        var ranges = new List<string>();
        for (var first = 0; first < HashSlot.Count; first++)
        {
            if (map.Of(first) != shard)
                continue;
            var last = first;
            while (last + 1 < HashSlot.Count && map.Of(last + 1) == shard)
                last++;
            ranges.Add(first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}"));
            first = last;
        }

        return ranges;
    }
}
