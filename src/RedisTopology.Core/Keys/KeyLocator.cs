using System.Collections.Immutable;
using System.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Keys;

/// <summary>
/// Answers "where does this key live, and why?" for both sharding modes. Make the <see cref="KeyMapping"/> from <c>spec.sharding</c>
/// (<see cref="KeyMapping.HashSlotMode"/>, or <see cref="KeyMapping.TryCreate"/> with <c>keyRange</c>), the shards from <c>status.shards</c> or from a
/// server's CLUSTER SHARDS, and print the answer: <see cref="KeyLocation.Why"/> is meant to be shown line by line.
/// </summary>
public static class KeyLocator
{
    /// <summary>Finds a key.</summary>
    /// <param name="mapping">The mapping of the cluster.</param>
    /// <param name="key">The key as the application writes it; a physical key, as <c>redis-cli</c> shows it, is understood as well.</param>
    /// <param name="shards">The shards as they are.</param>
    /// <returns>Where it lives.</returns>
    public static KeyLocation Locate(KeyMapping mapping, string key, IEnumerable<ShardLocation> shards)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(shards);
        var logical = mapping.ToLogical(key);
        var physical = mapping.ToPhysical(logical);
        var slot = mapping.SlotOf(logical);
        var shard = shards.FirstOrDefault(s => s.Slots.Contains(slot));
        var why = ImmutableArray.CreateBuilder<string>();
        var location = new KeyLocation { LogicalKey = logical, PhysicalKey = physical, Slot = slot, Shard = shard, Why = [] };
        if (mapping.TryMatch(Encoding.UTF8.GetBytes(logical), out var pattern, out var id))
        {
            location = location with { Pattern = pattern.Text, Id = id, Tablet = slot, TabletIds = mapping.Tablets!.Ids(slot) };
            why.Add($"\"{logical}\" matches the pattern \"{pattern}\" with id {id}");
            why.Add(WhyTablet(mapping.Tablets, id, slot));
            why.Add($"tablet {slot} is slot {slot}, and \"{{{SlotTags.TagOf(slot)}}}\" before the key puts it there: CRC16(\"{SlotTags.TagOf(slot)}\") mod {HashSlot.Count} = {slot}");
        }
        else
        {
            if (mapping.IsKeyRange)
                why.Add($"\"{logical}\" matches none of the patterns {string.Join(", ", mapping.Patterns.Select(p => $"\"{p}\""))}, so its hash decides");
            why.Add(WhyHash(logical, slot));
        }

        why.Add(WhyShard(mapping, slot, shard));
        return location with { Why = why.ToImmutable() };
    }

    private static string WhyTablet(Tablets tablets, long id, int tablet)
    {
        var ids = tablets.Ids(tablet);
        if (id < tablets.First)
            return $"id {id} is below the first id {tablets.First}, so it is kept with the first tablet ({ids})";
        var quotient = (id - tablets.First) / tablets.Granularity;
        return quotient > tablet
            ? $"id {id} is past the end of the {Tablets.Count} tablets of {tablets.Granularity} ids from {tablets.First}, so it is kept with the last one ({ids})"
            : $"id {id} is in tablet ({id} - {tablets.First}) / {tablets.Granularity} = {tablet} ({ids})";
    }

    private static string WhyHash(string key, int slot)
    {
        var bytes = Encoding.UTF8.GetBytes(key);
        var tag = HashSlot.HashTag(bytes);
        return tag.Length == bytes.Length
            ? $"CRC16(\"{key}\") mod {HashSlot.Count} = {slot}"
            : $"its hash tag alone is hashed: CRC16(\"{Encoding.UTF8.GetString(tag)}\") mod {HashSlot.Count} = {slot}";
    }

    private static string WhyShard(KeyMapping mapping, int slot, ShardLocation? shard)
    {
        if (shard is null)
            return $"no shard serves slot {slot} now";
        var range = shard.Slots.Ranges.First(r => r.First <= slot && slot <= r.Last);
        return $"slot {slot} belongs to shard {shard.Name}, which serves {Described(range)}{(mapping.IsKeyRange ? $" (ids {mapping.Tablets.Ids(range)})" : "")}";
    }

    private static string Described(SlotRange range) => range.Count == 1 ? $"slot {range}" : $"slots {range}";
}
