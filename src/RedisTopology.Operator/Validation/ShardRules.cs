using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using RedisTopology.Core.Keys;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Validation;

/// <summary>The rules of explicit shards: proper names, and ranges that tile the hash slots, or the ids that are laid on them.</summary>
internal static partial class ShardRules
{
    /// <summary>So many ranges are named in a message.</summary>
    private const int MostNamed = 6;

    public static List<DesiredShard> Check(IList<ShardSpec> shards, int replicas, Tablets? tablets, ImmutableArray<string>.Builder errors)
    {
        InRange(shards.Count, errors);
        var result = new List<DesiredShard>();
        var covered = SlotSet.Empty;
        var readable = true;
        foreach (var shard in shards.Select(s => s ?? new ShardSpec()))
        {
            CheckName(shard.Name, result, errors);
            readable &= TryReadSlots(shard, tablets, errors, out var slots);
            foreach (var other in result)
            {
                var common = other.Slots.Intersect(slots);
                if (!common.IsEmpty)
                {
                    errors.Add(tablets is null
                        ? $"spec.sharding.shards: slots {common.ToBriefString()} are given to both {other.Name} and {shard.Name}; every slot belongs to exactly one shard"
                        : $"spec.sharding.shards: ids {Brief(tablets, common)} are given to both {other.Name} and {shard.Name}; every id belongs to exactly one shard");
                }
            }

            covered = covered.Union(slots);
            if (shard.Replicas is { } own)
                SpecValidator.InRange($"spec.sharding.shards[{shard.Name}].replicas", own, 0, Rules.MaxReplicas, errors);
            result.Add(new DesiredShard(shard.Name, slots, shard.Replicas ?? replicas));
        }

        // A range that cannot be read leaves a gap of its own making: that one is not reported twice.
        var missing = covered.Complement();
        if (!missing.IsEmpty && readable && result.Count > 0)
        {
            errors.Add(tablets is null
                ? $"spec.sharding.shards: slots {missing.ToBriefString()} belong to no shard; the ranges must cover 0-16383 exactly once"
                : $"spec.sharding.shards: ids {Brief(tablets, missing)} belong to no shard; the ranges must cover all ids from {tablets.First} exactly once, the last one open");
        }

        return result;
    }

    private static void InRange(int count, ImmutableArray<string>.Builder errors)
    {
        if (count is 0 or > Rules.MaxShards)
            errors.Add($"spec.sharding.shards: {count} shards are outside 1 to {Rules.MaxShards}");
    }

    private static void CheckName(string name, List<DesiredShard> taken, ImmutableArray<string>.Builder errors)
    {
        if (name.Length is 0 or > Rules.MaxShardName || !SpecValidator.Matches(NameRegex(), name))
            errors.Add($"spec.sharding.shards[].name: \"{name}\" is not a DNS label of at most {Rules.MaxShardName} characters; use lower-case letters, digits and '-', beginning with a letter");
        else if (Rules.ReservedShardNames.Contains(name))
            errors.Add(Rules.ShardNameReserved);
        else if (taken.Any(t => t.Name == name))
            errors.Add($"spec.sharding.shards[].name: \"{name}\" is used twice; names must be unique");
    }

    private static bool TryReadSlots(ShardSpec shard, Tablets? tablets, ImmutableArray<string>.Builder errors, out SlotSet slots)
    {
        if (shard.Ranges.Count is 0 or > Rules.MaxRanges)
            errors.Add($"spec.sharding.shards[{shard.Name}].ranges: {shard.Ranges.Count} ranges are outside 1 to {Rules.MaxRanges}");
        slots = SlotSet.Empty;
        var readable = true;
        foreach (var text in shard.Ranges)
        {
            if (!TryRead(text, tablets, out var range, out var error))
            {
                errors.Add($"spec.sharding.shards[{shard.Name}].ranges: {error}");
                readable = false;
                continue;
            }

            var one = SlotSet.Of(range);
            if (!slots.Intersect(one).IsEmpty)
                errors.Add($"spec.sharding.shards[{shard.Name}].ranges: \"{text}\" overlaps another range of the same shard");
            slots = slots.Union(one);
        }

        return readable;
    }

    private static bool TryRead(string? text, Tablets? tablets, out SlotRange range, [NotNullWhen(false)] out string? error)
    {
        if (tablets is null)
            return SlotRange.TryParse(text, out range, out error);
        range = default;
        return IdRange.TryParse(text, out var ids, out error) && tablets.TrySlots(ids, out range, out error);
    }

    private static string Brief(Tablets tablets, SlotSet slots) => string.Join(',', tablets.Ids(slots).Take(MostNamed)) + (slots.Ranges.Length > MostNamed ? ",..." : "");

    [GeneratedRegex(Rules.ShardNamePattern)]
    private static partial Regex NameRegex();
}
