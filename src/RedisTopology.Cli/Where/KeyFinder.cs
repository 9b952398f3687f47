using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Status;
using RedisTopology.Core.Keys;
using RedisTopology.Core.Topology;

namespace RedisTopology.Cli.Where;

/// <summary>Finds the shard of a key. Pure.</summary>
internal static class KeyFinder
{
    /// <exception cref="CliException">The mapping of the cluster cannot be understood.</exception>
    public static KeyPlace Find(CacheClusterResource cluster, ClusterView view, string key)
    {
        var shards = view.Shards.Select(s => new ShardLocation(s.Name, SlotsOf(s.Ranges), s.Master?.Pod, [.. s.Servers.Where(r => r.Role == "replica").Select(r => r.Pod)]));
        var location = KeyLocator.Locate(Mapping(cluster), key, shards);
        var shard = view.Shards.FirstOrDefault(s => s.Name == location.Shard?.Name);
        return new KeyPlace
        {
            Key = location.LogicalKey,
            StoredAs = location.PhysicalKey,
            Cluster = cluster.Metadata.Name,
            Namespace = cluster.Metadata.Namespace,
            Slot = location.Slot,
            Id = location.Id,
            Shard = shard?.Name,
            Ranges = shard?.Ranges,
            Master = shard?.Master,
            Replicas = shard is null ? [] : [.. shard.Servers.Where(s => s.Role == "replica")],
            MovingTo = view.Migrations.FirstOrDefault(m => m.From == shard?.Name && SlotsOf(m.Slots).Contains(location.Slot))?.To,
            Why = location.Why,
        };
    }

    private static KeyMapping Mapping(CacheClusterResource cluster)
    {
        if (cluster.Spec.Sharding is not { Mode: "KeyRange", KeyRange: { } range })
            return KeyMapping.HashSlotMode;
        return KeyMapping.TryCreate(range.Patterns ?? [], range.First ?? 1, range.Granularity ?? 1000, out var mapping, out var errors)
            ? mapping
            : throw new CliException(ExitCodes.Problem, $"spec.sharding.keyRange: {string.Join("; ", errors)}");
    }

    /// <summary>The slots of a list such as <c>0-5460,6000</c>; what is no range (a list that was cut off) is passed over.</summary>
    public static SlotSet SlotsOf(string? ranges) =>
        SlotSet.Of((ranges ?? "").Split(',').Select(r => SlotRange.TryParse(r.Trim(), out var range, out _) ? (SlotRange?)range : null).OfType<SlotRange>());
}
